package io.hermes.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A container of the image apache/kafka without the container: the image's own class turns the
 * environment into properties and formats the storage, then Kafka's own main class runs. Paths are
 * below a directory of the test, and all ports are on the broker's own loopback address, so that
 * several brokers can have the ports that the files give them.
 */
final class DeployedBroker implements AutoCloseable {

  private static final String RUN = "/etc/kafka/docker/run";

  /** The image's own has these parts and more; its class fails on a file without them. */
  private static final String STOCK_LOGGING =
      """
      Configuration:
        Appenders:
          RollingFile:
            - name: KafkaAppender
        Loggers:
          Root:
            level: INFO
            AppenderRef:
              - ref: KafkaAppender
          Logger:
            - name: kafka
              level: INFO
      """;

  private final Path home;
  private final String address;
  private final Map<String, String> environment;
  private final List<String> command;
  private final Path hosts;
  private @Nullable Process process;

  /**
   * Nothing runs yet.
   *
   * @param command the container's, or empty for the image's own
   */
  DeployedBroker(
      Path home,
      String address,
      Map<String, String> environment,
      List<String> command,
      Path hosts) {
    this.home = home;
    this.address = address;
    this.environment = new TreeMap<>(environment);
    this.command = command;
    this.hosts = hosts;
  }

  String address() {
    return address;
  }

  /** Where the container has /etc/kafka/secrets. */
  Path secrets() {
    return home.resolve("secrets");
  }

  /** Where the container has /mnt/shared/config. */
  Path mountedConfiguration() {
    return directory("mounted");
  }

  /** Where the container has its volume. */
  Path volume() {
    return home.resolve("volume");
  }

  /** Where the container has /opt/metrics, and below it /etc/kafka/metrics. */
  Path metrics() {
    return directory("metrics");
  }

  /** Changes a variable of the container, before a start. */
  DeployedBroker set(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Where the container has /opt/kafka/config/server.properties. */
  Path configuration() {
    return home.resolve("config/server.properties");
  }

  Path log() {
    return home.resolve("broker.log");
  }

  /** Arguments of a tool that runs in the container. */
  List<String> localized(List<String> arguments) {
    return arguments.stream().map(this::localize).toList();
  }

  /** Runs one of the image's tools, as if in the container. */
  Processes.Result tool(String mainClass, List<String> arguments) {
    return Processes.run(Processes.java(hosts, mainClass, localized(arguments)), Map.of(), home);
  }

  /** Renders the configuration and formats the storage, as each start of the container does. */
  Processes.Result setUp() {
    Path defaults = directory("defaults");
    for (String file : List.of("server.properties", "log4j2.yaml", "tools-log4j2.yaml")) {
      Repository.write(defaults.resolve(file), file.endsWith(".yaml") ? STOCK_LOGGING : "");
    }
    List<String> arguments =
        List.of(
            "setup",
            "--default-configs-dir=" + defaults,
            "--mounted-configs-dir=" + mountedConfiguration(),
            "--final-configs-dir=" + directory("config"));
    Map<String, String> variables = new TreeMap<>();
    afterCommand().forEach((name, value) -> variables.put(name, localize(value)));
    return Processes.run(
        Processes.java(hosts, "kafka.docker.KafkaDockerWrapper", arguments), variables, home);
  }

  /** What the broker reads, once it was set up. */
  Properties properties() {
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(configuration())) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /** Sets up and launches the broker; does not wait. */
  DeployedBroker launch() {
    Processes.Result setUp = setUp();
    if (setUp.exitCode() != 0 && !setUp.output().contains("already formatted")) {
      throw new AssertionError("The container would not start: " + setUp.output());
    }
    List<String> arguments = List.of(configuration().toString());
    List<String> java = Processes.java(hosts, DeployedBrokerMain.class.getName(), arguments);
    String options = localize(afterCommand().getOrDefault("KAFKA_OPTS", ""));
    if (!options.isEmpty()) {
      java.add(1, options);
    }
    try {
      process =
          new ProcessBuilder(java)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Waits until a port is open, as a probe does. */
  DeployedBroker await(int port) {
    if (process == null) {
      throw new IllegalStateException("Launch the broker first");
    }
    Processes.await(process, address, port, log());
    return this;
  }

  boolean isOpen(int port) {
    return Processes.isOpen(address, port);
  }

  /** Whether it has ended because it could not register with a quorum within a minute. */
  boolean hasFoundNoQuorum() {
    return process != null
        && !process.isAlive()
        && process.exitValue() != 0
        && Repository.read(log()).contains("unable to register with the controller quorum");
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** SIGTERM, and as a kubelet does it, SIGKILL after the grace period. */
  void stop(Duration grace) {
    Process running = process;
    if (running == null) {
      return;
    }
    running.toHandle().destroy();
    try {
      if (!running.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("Not stopped by SIGTERM within " + grace);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
    }
  }

  /** Runs the container's command up to the image's start script, with what that would see. */
  private Map<String, String> afterCommand() {
    if (command.isEmpty()) {
      return environment;
    }
    Path script = directory("bin").resolve("run");
    Path seen = home.resolve("environment");
    Repository.write(
        script,
        "#!/bin/bash\nfor pair in \"$@\"; do export \"$pair\"; done\nexec env -0 >" + seen + "\n");
    if (!script.toFile().setExecutable(true)) {
      throw new AssertionError(script + " cannot be made executable");
    }
    List<String> replaced = new ArrayList<>();
    for (String part : command) {
      replaced.add(PodEnvironment.expand(part, environment).replace(RUN, script.toString()));
    }
    if (replaced.equals(command)) {
      throw new AssertionError("The command does not call " + RUN + ": " + command);
    }
    Processes.run(replaced, environment, home).expectSuccess();
    Map<String, String> variables = new TreeMap<>();
    for (String pair : Repository.read(seen).split("\0", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        variables.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    variables.keySet().removeAll(List.of("PATH", "PWD", "SHLVL", "_", "OLDPWD"));
    return variables;
  }

  private String localize(String value) {
    return value
        .replace("://:", "://" + address + ":")
        .replace("/var/lib/kafka/data", volume().toString())
        .replace("/etc/kafka/secrets", secrets().toString())
        .replace("/etc/kafka/metrics", metrics().toString())
        .replace("/opt/metrics", metrics().toString())
        .replace("=9404:", "=" + address + ":9404:");
  }

  private Path directory(String name) {
    try {
      return Files.createDirectories(home.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
