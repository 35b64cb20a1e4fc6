package io.hermes.kafka;

import io.hermes.HermesException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Connects with the secrets of its environment and with wrong ones, and prints what it can. */
final class PlantedSecretMain {

  private PlantedSecretMain() {}

  /** Runs it in a JVM that logs everything from DEBUG on; returns all that it printed. */
  static String run(Map<String, String> environment, Path directory)
      throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dslf4j.provider=org.slf4j.simple.SimpleServiceProvider",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                "-cp",
                System.getProperty("java.class.path"),
                PlantedSecretMain.class.getName()));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(Redirect.to(output.toFile()));
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  /** Takes all from the environment. */
  public static void main(String[] args) {
    KafkaSettings settings = patient(System.getenv());
    System.out.println(settings);
    System.out.println(settings.adminProperties(Map.of()));
    System.out.println(settings.producerProperties(Map.of()));
    TopicAdmin.connect(settings).close();
    System.out.println("connected");
    Map<String, String> wrong = new HashMap<>(System.getenv());
    wrong.compute("KAFKA_SASL_PASSWORD", (name, value) -> value + "x");
    try {
      TopicAdmin.connect(patient(wrong)).close();
    } catch (HermesException e) {
      System.out.println("refused: " + e);
      e.printStackTrace(System.out);
    }
  }

  private static KafkaSettings patient(Map<String, String> environment) {
    return KafkaSettings.fromEnvironment(environment).toBuilder()
        .openTimeout(Duration.ofSeconds(30))
        .build();
  }
}
