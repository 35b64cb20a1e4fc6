package io.hermes.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.contract.schema.SchemaSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigMapTest {

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void whatMirrorsTheSchemaIsFresh() throws IOException {
    for (Map.Entry<Path, String> mirror : ConfigMap.mirrors(ProtoFiles.repository()).entrySet()) {
      assertThat(mirror.getKey())
          .as("not what the .proto files say: run make -C hermes-schema sync")
          .hasContent(mirror.getValue());
    }
  }

  @Test
  void theMountedFilesAreTheTreeOfImports() throws Exception {
    // As a kubelet mounts it: the files in a directory of their own, symbolic links to it.
    Path data = Files.createDirectory(dir.resolve("..2026_11_24"));
    for (Map.Entry<String, String> file : ProtoFiles.read(ProtoFiles.repository()).entrySet()) {
      Path path = data.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.createSymbolicLink(dir.resolve("..data"), data.getFileName());
    Files.createSymbolicLink(dir.resolve("hermes"), Path.of("..data/hermes"));

    Buf.run(dir, "build", "..data", "-o", "set.binpb");

    SchemaSet mounted = SchemaSet.parse(Files.readAllBytes(dir.resolve("set.binpb")));
    assertThat(mounted.events())
        .extracting(Descriptor::getFullName)
        .contains(
            "hermes.events.v1.UserEvent",
            "hermes.events.v1.OrderPlaced",
            "hermes.events.v1.PaymentEvent");
  }

  @Test
  void theDeploymentGivesEachKeyItsPath() {
    String deployment =
        """
          items:
            - {key: old.proto, path: old.proto}
            - {key: older.proto, path: older.proto}
          next: {}
        """;

    assertThat(ConfigMap.withItems(deployment, List.of("a/b.proto", "c.proto")))
        .isEqualTo(
            """
              items:
                - {key: a.b.proto, path: a/b.proto}
                - {key: c.proto, path: c.proto}
              next: {}
            """);
    assertThatThrownBy(() -> ConfigMap.withItems("items: []\n", List.of("a.proto")))
        .hasMessageContaining("has no item like");
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
