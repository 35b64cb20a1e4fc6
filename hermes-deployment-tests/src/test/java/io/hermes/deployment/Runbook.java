package io.hermes.deployment;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Runs the commands of k8s/PRODUCTION-SETUP.md, as a reader would paste them, against brokers. */
final class Runbook {

  private static final Map<String, String> TOOLS =
      Map.of(
          "kafka-configs", "kafka.admin.ConfigCommand",
          "kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
          "kafka-features", "org.apache.kafka.tools.FeatureCommand",
          "kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand",
          "kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand",
          "kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand",
          "kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
          "kafka-topics", "org.apache.kafka.tools.TopicCommand");

  private static final Pattern INLINE = Pattern.compile("`(k8s/tool\\.sh [^`]+)`");

  private static final String NO_LOG =
      "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider";

  private final Path directory;
  private final List<String> lines = Repository.read("k8s/PRODUCTION-SETUP.md").lines().toList();

  /**
   * For the brokers of a cluster, which lie below the same directory.
   *
   * @param security what the StatefulSet says
   */
  Runbook(Path directory, Cluster cluster, String security) throws IOException {
    this.directory = directory;
    Repository.write(directory.resolve("security"), security);
    Path kubectl = Files.createDirectories(directory.resolve("bin")).resolve("kubectl");
    Files.copy(Path.of("src/test/resources/kubectl-brokers"), kubectl);
    StringBuilder pods = new StringBuilder();
    for (int i = 0; i < cluster.brokers().size(); i++) {
      pods.append("kafka-broker-").append(i).append(" True\n");
      Path home = directory.resolve("broker-" + i);
      Repository.write(home.resolve("name"), cluster.name(i));
      for (Map.Entry<String, String> tool : TOOLS.entrySet()) {
        Path script = home.resolve("bin/" + tool.getKey() + ".sh");
        String java =
            Processes.java(cluster.hosts(), tool.getValue(), List.of()).stream()
                // As in the image: what a tool logs is not among what it prints.
                .map(word -> word.startsWith("-Dslf4j.provider=") ? NO_LOG : word)
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Repository.write(script, "#!/bin/bash\nexec " + java + " \"$@\"\n");
        if (!script.toFile().setExecutable(true)) {
          throw new IOException("Cannot make " + script + " executable");
        }
      }
    }
    Repository.write(directory.resolve("pods"), pods.toString());
  }

  /** Runs the commands in the block of the document that has this line. */
  Result run(String line, Map<String, String> replaced) {
    String commands = block(line);
    for (Map.Entry<String, String> entry : replaced.entrySet()) {
      if (!commands.contains(entry.getKey())) {
        throw new AssertionError("No " + entry.getKey() + " in\n" + commands);
      }
      commands = commands.replace(entry.getKey(), entry.getValue());
    }
    return paste(commands);
  }

  /** Runs commands that are not in a block of their own. */
  Result paste(String commands) {
    String path = directory.resolve("bin") + ":" + System.getenv("PATH");
    return Processes.run(
        List.of("bash", "-euo", "pipefail", "-c", commands),
        Map.of("PATH", path, "STUB", directory.toString()),
        Repository.root());
  }

  Result run(String line) {
    return run(line, Map.of());
  }

  /** The commands for brokers within the lines of a section of the document. */
  List<String> inline(String heading) {
    return lines.stream()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .flatMap(line -> INLINE.matcher(line).results().map(found -> found.group(1)))
        .toList();
  }

  /** What else kubectl was asked for. */
  List<String> calls() {
    return Repository.read(directory.resolve("calls")).lines().toList();
  }

  private String block(String line) {
    List<String> found = new ArrayList<>();
    StringBuilder block = null;
    for (String each : lines) {
      if (each.strip().startsWith("```")) {
        if (block != null && block.toString().contains(line)) {
          found.add(block.toString());
        }
        block = block == null ? new StringBuilder() : null;
      } else if (block != null) {
        block.append(each.strip()).append('\n');
      }
    }
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " blocks with '" + line + "' in the document");
    }
    return found.get(0);
  }
}
