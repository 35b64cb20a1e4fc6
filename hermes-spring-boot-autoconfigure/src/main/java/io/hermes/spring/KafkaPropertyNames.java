package io.hermes.spring;

import io.hermes.kafka.Spelling;
import io.hermes.spring.KafkaPropertyNames.Meaning.Apart;
import io.hermes.spring.KafkaPropertyNames.Meaning.Converted;
import io.hermes.spring.KafkaPropertyNames.Meaning.Foreign;
import io.hermes.spring.KafkaPropertyNames.Meaning.Owned;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.ResourceUtils;
import org.springframework.util.unit.DataSize;

/** What Spring Boot's names below {@code spring.kafka} mean to Hermes. Stateless. */
final class KafkaPropertyNames {

  /** The meaning of one name. */
  sealed interface Meaning {

    /** A property of Kafka's clients, and how to convert Spring Boot's value to Kafka's. */
    record Converted(String kafka, UnaryOperator<String> convert) implements Meaning {}

    /**
     * A property that Hermes sets itself.
     *
     * @param kafka Kafka's name for it
     */
    record Owned(String kafka) implements Meaning {}

    /** A property that only spring-kafka uses. */
    record Foreign() implements Meaning {}

    /** A property that configures Hermes itself, not Kafka's clients. */
    record Apart() implements Meaning {}
  }

  private static final UnaryOperator<String> AS_IS = UnaryOperator.identity();
  private static final List<String> SECTIONS = List.of("", "consumer.", "producer.");
  private static final Set<String> PARTS_OF_SPRING_KAFKA =
      Set.of("admin", "listener", "template", "retry", "streams", "jaas");
  private static final Map<String, Meaning> BY_NAME = new LinkedHashMap<>(); // by plain name
  private static final List<String> NAMES = new ArrayList<>();

  static {
    for (String section : SECTIONS) {
      add(section + "bootstrap-servers", new Apart());
      add(section + "client-id", new Converted("client.id", AS_IS));
      add(section + "security.protocol", new Converted("security.protocol", AS_IS));
      addTls(section + "ssl.");
    }
    add("consumer.group-id", new Apart());
    add("consumer.auto-offset-reset", new Apart());
    add("consumer.enable-auto-commit", new Owned("enable.auto.commit"));
    add("consumer.auto-commit-interval", new Owned("enable.auto.commit"));
    add("consumer.isolation-level", new Owned("isolation.level"));
    add("consumer.key-deserializer", new Owned("key.deserializer"));
    add("consumer.value-deserializer", new Owned("value.deserializer"));
    add("consumer.fetch-max-wait", millis("fetch.max.wait.ms"));
    add("consumer.fetch-min-size", bytes("fetch.min.bytes"));
    add("consumer.heartbeat-interval", millis("heartbeat.interval.ms"));
    add("consumer.max-poll-interval", millis("max.poll.interval.ms"));
    add("consumer.max-poll-records", new Converted("max.poll.records", AS_IS));
    add("producer.acks", new Owned("acks"));
    add("producer.key-serializer", new Owned("key.serializer"));
    add("producer.value-serializer", new Owned("value.serializer"));
    add("producer.retries", new Owned("retries"));
    add("producer.transaction-id-prefix", new Owned("transactional.id"));
    add("producer.batch-size", bytes("batch.size"));
    add("producer.buffer-memory", bytes("buffer.memory"));
    add("producer.compression-type", new Converted("compression.type", AS_IS));
  }

  private KafkaPropertyNames() {}

  private static void addTls(String prefix) {
    add(prefix + "bundle", new Apart());
    add(prefix + "protocol", new Converted("ssl.protocol", AS_IS));
    add(prefix + "key-password", new Converted("ssl.key.password", AS_IS));
    add(
        prefix + "key-store-certificate-chain",
        new Converted("ssl.keystore.certificate.chain", AS_IS));
    add(prefix + "key-store-key", new Converted("ssl.keystore.key", AS_IS));
    add(prefix + "key-store-location", file("ssl.keystore.location"));
    add(prefix + "key-store-password", new Converted("ssl.keystore.password", AS_IS));
    add(prefix + "key-store-type", new Converted("ssl.keystore.type", AS_IS));
    add(prefix + "trust-store-certificates", new Converted("ssl.truststore.certificates", AS_IS));
    add(prefix + "trust-store-location", file("ssl.truststore.location"));
    add(prefix + "trust-store-password", new Converted("ssl.truststore.password", AS_IS));
    add(prefix + "trust-store-type", new Converted("ssl.truststore.type", AS_IS));
  }

  private static void add(String name, Meaning meaning) {
    BY_NAME.put(plain(name), meaning);
    NAMES.add(name);
  }

  private static Converted millis(String kafka) {
    return new Converted(
        kafka, given -> Long.toString(DurationStyle.detectAndParse(given).toMillis()));
  }

  private static Converted bytes(String kafka) {
    return new Converted(kafka, given -> Long.toString(DataSize.parse(given).toBytes()));
  }

  private static Converted file(String kafka) {
    return new Converted(kafka, KafkaPropertyNames::path);
  }

  private static String path(String location) {
    try {
      return ResourceUtils.getFile(location).getAbsolutePath();
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException("Kafka's clients need a file, not " + location + ".", e);
    }
  }

  /**
   * Returns a name in the form in which Spring Boot compares names: in lower case, without dashes
   * and underscores.
   */
  static String plain(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }

  /**
   * Returns what a name means.
   *
   * @param name the name below {@code spring.kafka}, without that prefix
   * @return null if Spring Boot has no such name
   */
  static @Nullable Meaning of(String name) {
    int dot = name.indexOf('.');
    if (dot > 0 && PARTS_OF_SPRING_KAFKA.contains(name.substring(0, dot))) {
      return new Foreign();
    }
    return BY_NAME.get(plain(name));
  }

  /** Returns the name that an unknown one was probably meant to be; null if none is similar. */
  static @Nullable String meantBy(String unknown) {
    return Spelling.closest(unknown, NAMES);
  }
}
