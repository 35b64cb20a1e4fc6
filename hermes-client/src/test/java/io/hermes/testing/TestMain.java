package io.hermes.testing;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests in a JVM of their own. The first argument is a tag to leave out, each further one
 * selects tests ({@code class:io.hermes.TopicTest}, {@code package:io.hermes.codec}). The exit code
 * says whether all passed.
 */
public final class TestMain {

  public static final int TESTS_FAILED = 42;

  private TestMain() {}

  /** The command that runs these tests, without those of the tag, with this class path. */
  public static List<String> command(
      String classPath, List<String> options, String excludedTag, String... tests) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, TestMain.class.getName(), excludedTag));
    command.addAll(List.of(tests));
    return command;
  }

  public static void main(String[] args) {
    List<? extends DiscoverySelector> selectors =
        DiscoverySelectors.parseAll(Arrays.copyOfRange(args, 1, args.length)).toList();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .filters(TagFilter.excludeTags(args[0]))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    if (summary.getTestsFoundCount() == 0) {
      System.exit(1); // nothing was tested
    }
    System.exit(summary.getTotalFailureCount() > 0 ? TESTS_FAILED : 0);
  }
}
