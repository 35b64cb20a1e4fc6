package io.hermes.testkit;

import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The shared Kafka of a test run, or the reason why it did not start. Safe for any thread. */
final class SharedKafka implements AutoCloseable {

  static final String PROPERTY = "hermes.test.broker";

  private static final Pattern HOST_AND_PORT = Pattern.compile("[^\\s:,/]+:[0-9]{1,5}");

  private final Supplier<Kafka> kafka;
  private final Runnable end;

  private SharedKafka(Supplier<Kafka> kafka, Runnable end) {
    this.kafka = kafka;
    this.end = end;
  }

  /** Starts the Kafka that the property selects; keeps a failure for {@link #kafka()}. */
  static SharedKafka open(String choice) {
    try {
      return start(choice);
    } catch (RuntimeException e) {
      KafkaStartException failure = KafkaStartException.of(e);
      return new SharedKafka(
          () -> {
            throw failure;
          },
          () -> {});
    }
  }

  private static SharedKafka start(String choice) {
    if (choice.equals("embedded")) {
      EmbeddedKafka embedded = EmbeddedKafka.start();
      return new SharedKafka(() -> embedded, embedded::close);
    }
    if (choice.equals("testcontainers")) {
      return container();
    }
    if (HOST_AND_PORT.matcher(choice).matches()) {
      ExternalKafka external = ExternalKafka.connect(choice);
      return new SharedKafka(() -> external, external::close);
    }
    throw new KafkaStartException(
        PROPERTY
            + "="
            + choice
            + " is not valid. Choose embedded, testcontainers or"
            + " <host:port>.",
        null);
  }

  private static SharedKafka container() {
    try {
      ContainerKafka container = ContainerKafka.start();
      return new SharedKafka(() -> container, container::close);
    } catch (NoClassDefFoundError e) {
      throw new KafkaStartException(
          PROPERTY
              + "=testcontainers needs org.testcontainers:testcontainers-kafka among the test's"
              + " dependencies.",
          e);
    }
  }

  /**
   * The Kafka.
   *
   * @throws KafkaStartException if it did not start; the same exception each time
   */
  Kafka kafka() {
    return kafka.get();
  }

  @Override
  public void close() {
    end.run();
  }
}
