package io.hermes.cli.groups;

import io.hermes.HermesException;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.Screen;
import io.hermes.cli.console.Stop;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the groups of a cluster, live. */
@Command(
    name = "top",
    description = {
      "Watch the consumer groups of a cluster: lag, records consumed and produced per second, and"
          + " when the lag will be gone, until q or Ctrl-C. With HERMES_TOPIC_PREFIX, only groups"
          + " whose names start with it.",
      "If the output is a pipe or a file, it writes a line for each group and sample.",
      "While the brokers do not respond, it keeps showing the last figures and says since when.",
      "CATCH-UP is growing if the group commits less than is produced, steady if it commits"
          + " as much, and stalled if nothing is committed or produced. Five seconds' worth of"
          + " records or less do not count as lag. SLOWEST is the partition with the greatest lag."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes top",
      "  ./hermes top --sort rate --interval 5",
      "  ./hermes top --group billing           its partitions, the slowest first",
      "  ./hermes top --count 2 | awk '$6 > 1000'"
    })
public final class TopCommand implements Callable<Integer> {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long KEYS_MS = 50; // how soon it sees a key

  private final Console console;
  private final Stop stop;
  private final Map<String, String> environment;
  @Mixin private final KafkaOptions kafka;

  @Option(
      names = "--interval",
      paramLabel = "<seconds>",
      defaultValue = "2",
      converter = IntervalOption.class,
      description = "The seconds between two samples, 0.1 to 86400. Default: 2.")
  private Duration interval = Duration.ofSeconds(2);

  @Option(
      names = "--group",
      paramLabel = "<group>",
      description = "Only this group, with a row for each of its partitions.")
  private @Nullable String group;

  @Option(
      names = "--sort",
      paramLabel = "<order>",
      defaultValue = "lag",
      description =
          "lag (the default): the greatest first; rate: the most consumed first; or group: by"
              + " name.")
  private TopRows.Sort sort = TopRows.Sort.lag;

  @Option(
      names = "--count",
      paramLabel = "<n>",
      description =
          "Stop after this many samples; rates need two. The last one stays on the terminal.")
  private @Nullable Long count;

  public TopCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.environment = environment;
    this.kafka = new KafkaOptions(environment);
  }

  @Override
  public Integer call() {
    Numbers.require(count == null || count >= 1, "--count", "1 or more", count);
    String only = group == null ? null : kafka.names().group(group);
    ExecutorService asking = Executors.newSingleThreadExecutor(TopCommand::daemon);
    try (GroupAdmin admin = GroupAdmin.connect(kafka, TIMEOUT)) {
      TopFigures figures = new TopFigures(GroupSample.take(admin, only));
      TopView view = view();
      boolean isCounted;
      try {
        isCounted = watch(() -> GroupSample.take(admin, only), asking, figures, view);
      } finally {
        view.close();
      }
      if (isCounted) {
        view.keep(figures);
      }
    } finally {
      asking.shutdownNow();
    }
    return 0;
  }

  private TopView view() {
    Screen screen = Screen.open(console, environment);
    return screen == null
        ? new TopLines(console, group != null, sort)
        : new TopScreen(console, screen, new TopFrame(console, group != null, sort));
  }

  /**
   * Takes samples until the view ends. Queries run on a separate thread, so that keys are handled
   * while no broker responds.
   *
   * @return whether the requested number of samples was taken
   */
  private boolean watch(
      Supplier<GroupSample> question, ExecutorService asking, TopFigures figures, TopView view) {
    view.show(figures);
    long taken = 1;
    long nextNs = System.nanoTime() + interval.toNanos();
    Instant asked = Instant.now();
    @Nullable CompletableFuture<GroupSample> answer = null;
    while (count == null || taken < count) {
      if (view.isEnded() || stop.await(KEYS_MS, TimeUnit.MILLISECONDS)) {
        return false;
      }
      if (answer == null && System.nanoTime() - nextNs >= 0) {
        nextNs = Math.max(nextNs + interval.toNanos(), System.nanoTime());
        asked = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        answer = CompletableFuture.supplyAsync(question, asking);
      } else if (answer != null && answer.isDone()) {
        taken += add(figures, asked, answer) ? 1 : 0;
        answer = null;
        view.show(figures);
      }
    }
    return true;
  }

  private static boolean add(
      TopFigures figures, Instant asked, CompletableFuture<GroupSample> answer) {
    try {
      figures.add(answer.join());
      return true;
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof HermesException failure)) {
        throw e;
      }
      figures.fail(asked, String.valueOf(failure.getMessage()));
      return false;
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "hermes-top");
    thread.setDaemon(true);
    return thread;
  }
}
