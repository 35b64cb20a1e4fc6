package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSettingsTest {

  @Test
  void theEnvironmentSaysWhereKafkaIs() {
    assertThat(KafkaSettings.fromEnvironment(Map.of()).bootstrapServers())
        .isEqualTo("localhost:9092");
    assertThat(KafkaSettings.fromEnvironment(Map.of("KAFKA_BROKER", " ")).bootstrapServers())
        .isEqualTo("localhost:9092");
    assertThat(
            KafkaSettings.fromEnvironment(Map.of("KAFKA_BROKER", "a:1, b.c:65535 ,[::1]:9092"))
                .bootstrapServers())
        .isEqualTo("a:1,b.c:65535,[::1]:9092");
    assertThat(KafkaSettings.builder().build().bootstrapServers()).isEqualTo("localhost:9092");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka",
        "a:1,",
        "a:b",
        "http://a/b:1",
        "http://a:1",
        "https://a:1",
        "SASL_SSL://a:1", // Kafka would ignore the protocol
        "user@a:1",
        "a:1;b:2",
        "a b:1",
        ":9092",
        "a:0",
        "a:65536",
        "a:99999",
        "a:1,b:99999"
      })
  void anAddressThatIsNoneIsRefusedByTheNameOfItsSetting(String address) {
    assertThatThrownBy(() -> KafkaSettings.fromEnvironment(Map.of("KAFKA_BROKER", address)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("KAFKA_BROKER is '" + address + "'. Set it to host:port");
    assertThatThrownBy(() -> KafkaSettings.of(address))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("bootstrapServers is '" + address + "'. Set it to host:port");
  }

  @Test
  void theEnvironmentHasAPrefixForItsNames() {
    assertThat(KafkaSettings.fromEnvironment(Map.of()).topicPrefix()).isEmpty();
    assertThat(KafkaSettings.fromEnvironment(Map.of("HERMES_TOPIC_PREFIX", " ")).topicPrefix())
        .isEmpty();
    KafkaSettings settings =
        KafkaSettings.fromEnvironment(Map.of("HERMES_TOPIC_PREFIX", "staging-1_eu. "));
    assertThat(settings.topicPrefix()).isEqualTo("staging-1_eu.");
    assertThat(settings.toBuilder().build().topicPrefix()).isEqualTo("staging-1_eu.");
    assertThat(settings)
        .hasToString(
            "KafkaSettings[localhost:9092, openTimeout=5 s, topicPrefix=staging-1_eu., properties=[]]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"staging/", "sta ging.", "stäging.", "a:", "__staging", "a\nb"})
  void aPrefixThatKafkaAllowsInNoNameIsRefusedByTheNameOfItsSetting(String prefix) {
    assertThatThrownBy(() -> KafkaSettings.fromEnvironment(Map.of("HERMES_TOPIC_PREFIX", prefix)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("HERMES_TOPIC_PREFIX is '" + prefix + "'. Use letters, digits");
    assertThatThrownBy(() -> KafkaSettings.builder().topicPrefix(prefix))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("topicPrefix is '" + prefix + "'. Use letters, digits");
  }

  @ParameterizedTest
  @CsvSource({
    "acks, no event is lost",
    "enable.idempotence, no event is lost",
    "retries, no event is lost",
    "max.in.flight.requests.per.connection, reordered",
    "transactional.id, TransactionalPublisher",
    "max.block.ms, maxWait",
    "delivery.timeout.ms, deliveryTimeout",
    "partitioner.class, wire contract",
    "partitioner.ignore.keys, wire contract",
    "key.serializer, contract",
    "value.serializer, contract",
    "key.deserializer, bytes",
    "value.deserializer, bytes",
    "enable.auto.commit, no record is skipped",
    "auto.offset.reset, start position",
    "isolation.level, aborted",
    "allow.auto.create.topics, misspelled",
    "group.id, group",
    "bootstrap.servers, KAFKA_BROKER",
  })
  void whatTheGuaranteesRestOnIsRefusedWithTheReason(String name, String reason) {
    assertThatThrownBy(() -> KafkaSettings.builder().properties(Map.of(name, "x")))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("The property " + name + " cannot be set directly: ")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "lingerms, linger.ms",
    "linger.mss, linger.ms",
    "LINGER_MS, linger.ms",
    "max.poll.record, max.poll.records",
    "session.timeout, session.timeout.ms",
    "ssl.truststore.locaton, ssl.truststore.location",
    "client-id, client.id",
  })
  void aMisspeltPropertyIsComparedWithThoseThatKafkaKnows(String name, String meant) {
    assertThat(KnownProperties.meantBy(name)).isEqualTo(meant);
    assertThatCode(() -> KafkaSettings.builder().property(name, "1")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linger.ms",
        "interceptor.classes",
        "schema.registry.url",
        "interceptor.bootstrap.servers",
        "metrics.context.team",
        "hermes.encoding",
        "my.timeout",
        "x"
      })
  void whatKafkaKnowsAndWhatResemblesNothingOfItIsNotSuspicious(String name) {
    assertThat(KnownProperties.meantBy(name)).isNull();
  }

  @Test
  void eachClientGetsTheDefaultsTheOverridesAndOnlyWhatItKnows() {
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers("h:1")
            .property("linger.ms", 7)
            .property("fetch.min.bytes", 9)
            .property("client.id", "mine")
            .property("an.interceptors.own", "kept")
            .build();

    Map<String, Object> producer =
        settings.producerProperties(Map.of("linger.ms", 5, "client.id", "theirs", "acks", "1"));

    assertThat(producer)
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "h:1",
                "linger.ms", 7,
                "client.id", "mine",
                "acks", "all",
                "enable.idempotence", true,
                "max.in.flight.requests.per.connection", 5,
                "an.interceptors.own", "kept"));
    assertThat(settings.consumerProperties(Map.of("isolation.level", "read_uncommitted")))
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "h:1",
                "fetch.min.bytes", 9,
                "client.id", "mine",
                "enable.auto.commit", false,
                "auto.offset.reset", "none",
                "isolation.level", "read_committed",
                "allow.auto.create.topics", false,
                "an.interceptors.own", "kept"));
    assertThat(settings.adminProperties(Map.of()))
        .containsOnlyKeys("bootstrap.servers", "client.id", "an.interceptors.own");
    assertThatCode(() -> producer.put("for", "changing")).doesNotThrowAnyException();
  }

  @Test
  void itsTextHasNoSecret() {
    KafkaSettings settings =
        KafkaSettings.builder()
            .property("sasl.jaas.config", "password=hunter2")
            .property("ssl.keystore.password", "hunter2")
            .build();
    assertThat(settings.toString())
        .doesNotContain("hunter2")
        .contains("localhost:9092", "sasl.jaas.config", "ssl.keystore.password");
  }

  @Test
  void aCopyHasAllOfIt() {
    KafkaClients clients = new RefusingClients();
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers("h:1")
            .openTimeout(Duration.ofSeconds(2))
            .property("client.id", "mine")
            .clients(clients)
            .build();
    KafkaSettings copy = settings.toBuilder().property("linger.ms", 1).build();
    assertThat(copy.bootstrapServers()).isEqualTo("h:1");
    assertThat(copy.openTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(copy.clients()).isSameAs(clients);
    assertThat(copy.producerProperties(Map.of())).containsEntry("client.id", "mine");
    assertThat(settings.producerProperties(Map.of())).doesNotContainKey("linger.ms");
  }

  @Test
  void aTimeoutIsLongerThanZero() {
    assertThatThrownBy(() -> KafkaSettings.builder().openTimeout(Duration.ZERO))
        .isInstanceOf(SettingsException.class)
        .hasMessage("openTimeout is 0 ms; it must be more than zero.");
  }

  @Test
  void clientsComeFromTheSeam() {
    KafkaSettings settings = KafkaSettings.builder().clients(new RefusingClients()).build();
    assertThatThrownBy(() -> TopicAdmin.connect(settings))
        .isInstanceOf(IllegalCallerException.class);
    assertThat(KafkaSettings.builder().build().clients()).isSameAs(KafkaClients.standard());
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.1.1", "4.0.2", "3.9.1", "4.1", "4.1.1-ccs"})
  void aKafkaClientThatIsTooOldIsRefusedWithTheVersionToSet(String version) {
    assertThatThrownBy(() -> ClientVersion.check(version))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("kafka-clients has version " + version + ", but Hermes needs 4.1.2")
        .hasMessageContaining("kafka.version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.1.2", "4.2.0", "4.4", "5.0.0", "10.0.0", "4.1.2-ccs", "repackaged"})
  void anotherKafkaClientIsTaken(String version) {
    assertThatCode(() -> ClientVersion.check(version)).doesNotThrowAnyException();
  }

  @Test
  void theKafkaClientHereIsTaken() {
    assertThatCode(ClientVersion::check).doesNotThrowAnyException();
    assertThatCode(() -> ClientVersion.check(null)).doesNotThrowAnyException();
  }

  private static final class RefusingClients implements KafkaClients {

    @Override
    public Producer<byte[], byte[]> producer(Map<String, Object> config) {
      throw new IllegalCallerException();
    }

    @Override
    public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
      throw new IllegalCallerException();
    }

    @Override
    public Admin admin(Map<String, Object> config) {
      throw new IllegalCallerException();
    }
  }
}
