package io.hermes.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConfigMapTest {

  @Test
  void theCommittedFileIsThatOfTheSchema() throws IOException {
    Path repository = ProtoFiles.repository();

    assertThat(Files.readString(ConfigMap.file(repository)))
        .as(
            "k8s/protobuf-configmap.yaml is not that of the .proto files: run make -C hermes-schema sync")
        .isEqualTo(ConfigMap.render(ProtoFiles.read(repository)));
  }

  @Test
  void filesOfOneKeyAreRefused() {
    assertThatThrownBy(
            () -> ConfigMap.render(new TreeMap<>(Map.of("a/b.proto", "", "a.b.proto", ""))))
        .hasMessageContaining("a/b.proto")
        .hasMessageContaining("a.b.proto")
        .hasMessageContaining("the same key");
  }
}
