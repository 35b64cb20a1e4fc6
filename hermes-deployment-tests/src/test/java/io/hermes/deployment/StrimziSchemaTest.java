package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The resources in k8s/strimzi against the CRDs of the operator, which its own generator makes from
 * its own model: both come from Maven Central and run on the second JDK.
 */
@Tag("full")
class StrimziSchemaTest {

  private static final Map<String, String> CLASSES =
      Map.of(
          "Kafka", "kafka.Kafka",
          "KafkaNodePool", "nodepool.KafkaNodePool",
          "KafkaTopic", "topic.KafkaTopic",
          "KafkaUser", "user.KafkaUser");

  private static final Map<String, Map<?, ?>> SCHEMAS = new HashMap<>();

  static Stream<Path> files() {
    return StrimziFiles.all().stream();
  }

  @BeforeAll
  static void generate(@TempDir Path directory) {
    String home = System.getenv("JAVA25_HOME");
    assertThat(home).as("JAVA25_HOME, which -Pfull needs").isNotBlank();
    Path jars = Repository.file("hermes-deployment-tests/target/strimzi");
    List<String> command =
        new ArrayList<>(List.of(Path.of(home, "bin", "java").toString(), "-cp", jars + "/*"));
    command.add("io.strimzi.crdgenerator.CrdGenerator");
    command.addAll(List.of("--target-kube", "1.28+", "--crd-api-version", "v1"));
    command.addAll(List.of("--api-versions", "v1", "--storage-version", "v1", "--yaml"));
    CLASSES.forEach(
        (kind, name) ->
            command.add(
                "io.strimzi.api.kafka.model." + name + "=" + directory.resolve(kind + ".yaml")));
    Processes.run(command, Map.of(), directory).expectSuccess();
    for (String kind : CLASSES.keySet()) {
      Map<?, ?> crd = StrimziFiles.load(directory.resolve(kind + ".yaml")).get(0);
      Map<?, ?> version = (Map<?, ?>) ((List<?>) StrimziFiles.at(crd, "spec", "versions")).get(0);
      assertThat(version.get("name")).isEqualTo("v1");
      SCHEMAS.put(kind, (Map<?, ?>) StrimziFiles.at(version, "schema", "openAPIV3Schema"));
    }
  }

  private static List<String> faults(Map<?, ?> object) {
    assertThat(object.get("apiVersion")).isEqualTo("kafka.strimzi.io/v1");
    assertThat(SCHEMAS).containsKey(object.get("kind").toString());
    return ResourceSchema.faults(SCHEMAS.get(object.get("kind").toString()), object);
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyResourceIsAsItsDefinitionSays(Path file) {
    assertThat(StrimziFiles.load(file))
        .isNotEmpty()
        .allSatisfy(o -> assertThat(faults(o)).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "kafka.yaml, '    listeners:', '    listners:', listners: there is no such field",
    "kafka.yaml, 'type: loadbalancer', 'type: balancer', balancer is none of",
    "kafka.yaml, 'port: 9093', 'port: 9000', 9000 is less than 9092",
    "kafka.yaml, 'port: 9093', 'port: \"9093\"', 9093 is not of type integer",
    "kafka.yaml, '          name: kafka-metrics', '          nme: kafka-metrics', no such field",
    "pools.yaml, '  roles: [broker]', '  roles: [brokr]', brokr is none of",
    "pools.yaml, '        size: 20Gi', '        sizes: 20Gi', there is no such field",
    "topics.yaml, 'spec:', 'spc:', .spec: is required"
  })
  void aMistakeIsFound(String file, String right, String wrong, String fault) {
    String text = Repository.read("k8s/strimzi/" + file);
    assertThat(text).contains(right);
    List<String> faults = new ArrayList<>();
    StrimziFiles.parse(text.replace(right, wrong)).forEach(o -> faults.addAll(faults(o)));
    assertThat(faults).anySatisfy(found -> assertThat(found).contains(fault));
  }

  @Test
  void allKindsAreUsed() {
    List<Object> kinds = new ArrayList<>();
    files().forEach(file -> StrimziFiles.load(file).forEach(o -> kinds.add(o.get("kind"))));
    assertThat(kinds).containsAll(CLASSES.keySet());
  }
}
