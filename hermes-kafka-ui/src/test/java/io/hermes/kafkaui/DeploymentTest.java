package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafbat.ui.serde.api.PropertyResolver;
import io.kafbat.ui.serde.api.RecordHeaders;
import io.kafbat.ui.serde.api.Serde.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.yaml.snakeyaml.Yaml;

/** The deployment's environment variables, bound as kafka-ui binds them. */
class DeploymentTest {

  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final String CLUSTER = "kafka.clusters.0";
  private static final String SERDE = CLUSTER + ".serde.0";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void composeLeadsToTheMessageOfEachTopic() throws Exception {
    Map<String, Object> variables = composeVariables("docker-compose.yaml");
    assertKafkaUisOwnSerdeKnowsTheMessages(variables);

    variables.putAll(composeVariables("docker-compose.kafka-ui-plugin.yaml"));

    assertShowsEachTopic(variables);
  }

  @Test
  void kubernetesLeadsToTheMessageOfEachTopic() throws Exception {
    Map<?, ?> deployment =
        yaml("k8s/kafka-ui.yaml").stream()
            .filter(document -> "Deployment".equals(document.get("kind")))
            .findFirst()
            .orElseThrow();
    Map<String, Object> variables = containerVariables(deployment);
    assertKafkaUisOwnSerdeKnowsTheMessages(variables);

    variables.putAll(containerVariables(yaml("kustomize/components/plugin/kafka-ui.yaml").get(0)));

    assertShowsEachTopic(variables);
  }

  @Test
  void theImageHasTheJarWhereTheVariablesSayIt() throws Exception {
    assertThat(REPOSITORY.resolve("hermes-kafka-ui/Dockerfile"))
        .content()
        .contains("COPY target/hermes-kafka-ui-plugin.jar /opt/hermes/hermes-kafka-ui-plugin.jar");
  }

  @Test
  void allPropertiesAreBoundFromVariables() throws Exception {
    Files.write(dir.resolve("a.dict"), DictionariesTest.train());
    Path set = Files.write(dir.resolve("other.binpb"), bundledSet());
    Path dictionaries = Files.createDirectory(dir.resolve("dictionaries"));
    Files.move(dir.resolve("a.dict"), dictionaries.resolve("a.dict"));
    Map<String, Object> variables =
        Map.of(
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_DESCRIPTORSETS",
            set + "," + set,
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_TOPICPREFIXES",
            "dev.,staging.",
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_DICTIONARIESDIR",
            dictionaries.toString(),
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_REVEALREDACTED",
            "true",
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_MAXDECODEDBYTES",
            "1000",
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_MAXJSONCHARS",
            "2000");

    Settings settings = settings(variables);

    assertThat(settings.schemas()).hasSize(3);
    assertThat(settings.topicPrefixes()).containsExactly("staging.", "dev.");
    assertThat(settings.zstd().dictionaries()).hasSize(1);
    assertThat(settings.reveal()).isTrue();
    assertThat(settings.zstd().maxEventBytes()).isEqualTo(1000);
    assertThat(settings.maxJsonChars()).isEqualTo(2000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MAXDECODEDBYTE",
        "MAX_JSON_CHAR",
        "REVEALREDACTET",
        "DICTIONARYDIR",
        "DESCRIPTORSET_0",
        "READONLY"
      })
  void aMisspeltPropertyStopsKafkaUi(String name) throws Exception {
    Map<String, Object> variables = pluginVariables();
    variables.put("KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_" + name, "1");

    assertThatThrownBy(() -> settings(variables))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("serde.0.properties")
        .hasMessageContaining(name.split("_", 2)[0].toLowerCase(Locale.ROOT))
        .hasMessageContaining("descriptorSets, topicPrefixes, dictionariesDir, revealRedacted");
  }

  @ParameterizedTest
  @CsvSource({
    "MAXDECODEDBYTES,0",
    "MAXDECODEDBYTES,268435457",
    "MAXDECODEDBYTES,1MB",
    "MAXJSONCHARS,-1",
    "REVEALREDACTED,perhaps",
    "DICTIONARIESDIR,/no/such/directory",
    "DESCRIPTORSETS,/no/such.binpb"
  })
  void aWrongValueStopsKafkaUi(String name, String value) throws Exception {
    Map<String, Object> variables = pluginVariables();
    variables.put("KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_" + name, value);

    assertThatThrownBy(() -> settings(variables))
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(IllegalArgumentException.class),
            e -> assertThat(e).isInstanceOf(BindException.class));
  }

  @Test
  void aListWithIndexesAndNamesWithHyphensAreKnown() throws Exception {
    Path set = Files.write(dir.resolve("other.binpb"), bundledSet());
    Map<String, Object> variables = pluginVariables();
    variables.put("KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_DESCRIPTORSETS_0", set.toString());
    variables.put("KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_DESCRIPTORSETS_1", set.toString());
    assertThat(settings(variables).schemas()).hasSize(3);

    Map<String, Object> yaml = Map.of("max-json-chars", 7, "maxDecodedBytes", 8);
    assertThat(Settings.of(new Records.Properties(Map.of()), cluster(yaml))).isNotNull();
    assertThatThrownBy(
            () -> Settings.of(new Records.Properties(Map.of()), cluster(Map.of("max-json", 7))))
        .hasMessageContaining("\"max-json\"");
  }

  private static PropertyResolver cluster(Map<String, Object> properties) {
    return new Records.Properties(
        Map.of(
            "serde.0.name",
            "Hermes",
            "serde.0.className",
            HermesSerde.class.getName(),
            "serde.0.properties",
            properties));
  }

  private static Map<String, Object> pluginVariables() throws IOException {
    Map<String, Object> variables = composeVariables("docker-compose.yaml");
    variables.putAll(composeVariables("docker-compose.kafka-ui-plugin.yaml"));
    return variables;
  }

  private static Settings settings(Map<String, Object> variables) {
    return Settings.of(
        new SpringProperties(variables, SERDE + ".properties"),
        new SpringProperties(variables, CLUSTER));
  }

  /** As ProtobufFile looks a topic up: by the pattern, then by its name, then the default. */
  private static void assertKafkaUisOwnSerdeKnowsTheMessages(Map<String, Object> variables) {
    PropertyResolver serde = new SpringProperties(variables, SERDE);
    assertThat(text(serde, "name")).isEqualTo("ProtobufFile");
    assertThat(serde.getProperty("className", String.class)).isEmpty();
    PropertyResolver properties = new SpringProperties(variables, SERDE + ".properties");
    Map<String, String> byTopic =
        properties
            .getMapProperty("protobufMessageNameByTopic", String.class, String.class)
            .orElseThrow();
    Map<String, String> messages = new LinkedHashMap<>();
    for (String topic :
        List.of(
            "user.events",
            "user.events-dlt",
            "payments.events",
            "payments.events-dlt",
            "orders.events")) {
      if (topic.matches(text(serde, "topicValuesPattern"))) {
        messages.put(topic, byTopic.getOrDefault(topic, text(properties, "protobufMessageName")));
      }
    }
    assertThat(messages)
        .isEqualTo(
            Map.of(
                "user.events", "hermes.events.v1.UserEvent",
                "user.events-dlt", "hermes.events.v1.UserEvent",
                "payments.events", "hermes.events.v1.PaymentEvent"));
  }

  private static void assertShowsEachTopic(Map<String, Object> variables) {
    PropertyResolver properties = new SpringProperties(variables, SERDE);
    assertThat(text(properties, "name")).isEqualTo("Hermes");
    assertThat(text(properties, "className")).isEqualTo(HermesSerde.class.getName());
    assertThat(text(properties, "filePath")).isEqualTo("/opt/hermes/hermes-kafka-ui-plugin.jar");
    HermesSerde serde = new HermesSerde();
    serde.configure(
        new SpringProperties(variables, SERDE + ".properties"),
        new SpringProperties(variables, CLUSTER),
        properties);
    Map<String, byte[]> values =
        Map.of(
            "hermes.events.v1.UserEvent", Records.userEvent().toByteArray(),
            "hermes.events.v1.OrderPlaced", Records.orderPlaced().toByteArray(),
            "hermes.events.v1.PaymentEvent", Records.payment(10).toByteArray());
    Map<String, String> topics =
        Map.of(
            "hermes.events.v1.UserEvent", "user.events",
            "hermes.events.v1.OrderPlaced", "orders.events",
            "hermes.events.v1.PaymentEvent", "payments.events");

    topics.forEach(
        (type, topic) -> {
          assertThat(topic).matches(text(properties, "topicValuesPattern"));
          assertThat(topic).matches(text(properties, "topicKeysPattern"));
          assertThat(serde.canDeserialize(topic, Target.VALUE)).isTrue();
          RecordHeaders headers = Records.headers("message-type", type);
          byte[] value = values.getOrDefault(type, new byte[0]);
          assertThat(Records.value(serde, topic, headers, value).getAdditionalProperties())
              .containsEntry("type", type);
          assertThat(Records.value(serde, topic, headers, value).getResult())
              .doesNotContain("undecodable");
        });
    serde.close();
  }

  private static String text(PropertyResolver properties, String key) {
    return properties.getProperty(key, String.class).orElseThrow();
  }

  private static byte[] bundledSet() throws IOException {
    try (var in =
        DeploymentTest.class.getResourceAsStream("/META-INF/hermes/hermes-schema.binpb")) {
      assertThat(in).isNotNull();
      return in.readAllBytes();
    }
  }

  private static List<Map<?, ?>> yaml(String file) throws IOException {
    List<Map<?, ?>> documents = new ArrayList<>();
    for (Object document : new Yaml().loadAll(Files.readString(REPOSITORY.resolve(file)))) {
      documents.add((Map<?, ?>) document);
    }
    return documents;
  }

  private static Map<String, Object> composeVariables(String file) throws IOException {
    Map<String, Object> variables = new LinkedHashMap<>();
    ((Map<?, ?>) at(yaml(file).get(0), "services", "kafka-ui", "environment"))
        .forEach((name, value) -> variables.put(name.toString(), value));
    return variables;
  }

  private static Map<String, Object> containerVariables(Map<?, ?> deployment) {
    List<?> containers = (List<?>) at(deployment, "spec", "template", "spec", "containers");
    Map<String, Object> variables = new LinkedHashMap<>();
    for (Object variable : (List<?>) at((Map<?, ?>) containers.get(0), "env")) {
      variables.put(at((Map<?, ?>) variable, "name").toString(), at((Map<?, ?>) variable, "value"));
    }
    return variables;
  }

  private static Object at(Map<?, ?> map, String... path) {
    Object value = map;
    for (String key : path) {
      Object next = ((Map<?, ?>) value).get(key);
      if (next == null) {
        throw new AssertionError("missing: " + key);
      }
      value = next;
    }
    return value;
  }

  /** What kafka-ui hands to a serde: Spring's binder under a prefix. */
  private static final class SpringProperties implements PropertyResolver {

    private final Binder binder;
    private final String prefix;

    SpringProperties(Map<String, Object> variables, String prefix) {
      StandardEnvironment environment = new StandardEnvironment();
      environment
          .getPropertySources()
          .replace(
              StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
              new SystemEnvironmentPropertySource(
                  StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
      this.binder = Binder.get(environment);
      this.prefix = prefix;
    }

    @Override
    public <T> Optional<T> getProperty(String key, Class<T> type) {
      return bind(key, Bindable.of(type));
    }

    @Override
    public <T> Optional<List<T>> getListProperty(String key, Class<T> type) {
      return bind(key, Bindable.listOf(type));
    }

    @Override
    public <K, V> Optional<Map<K, V>> getMapProperty(String key, Class<K> keys, Class<V> values) {
      return bind(key, Bindable.mapOf(keys, values));
    }

    private <T> Optional<T> bind(String key, Bindable<T> target) {
      var result = binder.bind(ConfigurationPropertyName.adapt(prefix + "." + key, '.'), target);
      return result.isBound() ? Optional.of(result.get()) : Optional.empty();
    }
  }
}
