package io.hermes.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.contract.TopicContract;
import io.hermes.contract.schema.ContractRules;
import io.hermes.contract.schema.SchemaSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewEventTest {

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void aNewEventKeepsAllRules() throws Exception {
    NewEvent.write(ProtoFiles.ownSources(dir), "order_placed", "orders.placed", "order_id");
    copyTheContract();

    Buf.run(dir, "lint");
    Buf.run(dir, "format", "--diff", "--exit-code");
    Buf.run(dir, "build", "-o", "set.binpb");

    SchemaSet schemas = SchemaSet.parse(Files.readAllBytes(dir.resolve("set.binpb")));
    Descriptor event = schemas.message("hermes.events.v1.OrderPlaced").orElseThrow();
    assertThat(SchemaSet.contract(event))
        .contains(
            TopicContract.newBuilder().setName("orders.placed").setKeyField("order_id").build());
    assertThat(ContractRules.check(schemas)).isEmpty();
  }

  @Test
  void theKeyMayBeTheEventsOwnId() throws IOException {
    Path file = NewEvent.write(dir, "order_placed", "orders.placed", "event_id");

    assertThat(file)
        .content()
        .contains("key_field: \"event_id\"")
        .containsOnlyOnce("string event_id");
  }

  @Test
  void anEventThatIsThereIsNotOverwritten() throws IOException {
    Path file = NewEvent.write(dir, "order_placed", "orders.placed", "order_id");
    Files.writeString(file, "mine");

    assertThatThrownBy(() -> NewEvent.write(dir, "order_placed", "orders.placed", "order_id"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("already");
    assertThat(file).hasContent("mine");
  }

  @Test
  void wrongNamesAreRefused() {
    assertRefused("OrderPlaced", "orders", "id", "NAME is \"OrderPlaced\", but must be lower case");
    assertRefused("../order", "orders", "id", "NAME is \"../order\"");
    assertRefused("", "orders", "id", "NAME is \"\"");
    assertRefused("order_placed", "orders placed", "id", "TOPIC is \"orders placed\"");
    assertRefused("order_placed", "orders", "order-id", "KEY is \"order-id\"");
  }

  private void assertRefused(String name, String topic, String key, String message) {
    assertThatThrownBy(() -> NewEvent.write(dir, name, topic, key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private void copyTheContract() throws IOException {
    Path repository = ProtoFiles.repository();
    Files.copy(repository.resolve("buf.yaml"), dir.resolve("buf.yaml"));
    for (Map.Entry<String, String> file : ProtoFiles.read(repository).entrySet()) {
      if (file.getKey().startsWith("hermes/contract/")) {
        Path copy = dir.resolve("hermes-contract/src/main/protobuf").resolve(file.getKey());
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, file.getValue());
      }
    }
  }
}
