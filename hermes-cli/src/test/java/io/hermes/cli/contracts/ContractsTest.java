package io.hermes.cli.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.hermes.ContractException;
import io.hermes.Topic;
import io.hermes.cli.NewEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractsTest {

  @Test
  void findsTheEventsOfTheSchemaModule() {
    assertThat(Contracts.onClassPath().all())
        .extracting(Topic::toString)
        .contains("user.events (hermes.events.v1.UserEvent)");
    assertThat(Contracts.onClassPath().on("user.events").get(0).contract().getKeyField())
        .isEqualTo("user_id");
  }

  @Test
  void namesTheTopicsThatThereAre() {
    assertThatThrownBy(() -> Contracts.onClassPath().on("nothing"))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("Topic nothing has no contract")
        .hasMessageContaining("user.events");
  }

  @Test
  void findsAnotherTeamsEventsInJarsAndFolders(@TempDir Path temp) throws Exception {
    for (Path place :
        List.of(
            NewEvent.inFolder(temp, "foreign.orders"), NewEvent.inJar(temp, "foreign.orders"))) {
      NewEvent.onClassPath(
          place,
          () -> {
            assertThat(Contracts.onClassPath().on("foreign.orders"))
                .singleElement()
                .extracting(Topic::messageType)
                .isEqualTo("orders.v1.OrderPlaced");
            assertThat(Contracts.onClassPath().names()).contains("foreign.orders", "user.events");
          });
    }
  }

  @Test
  void namesADescriptorSetThatIsDamaged(@TempDir Path temp) throws Exception {
    Path file = temp.resolve("META-INF/hermes/damaged.binpb");
    Files.createDirectories(file.getParent());
    Files.write(file, ByteString.fromHex("0aff").toByteArray());
    NewEvent.onClassPath(
        temp,
        () ->
            assertThatThrownBy(Contracts::onClassPath)
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("damaged.binpb"));
  }
}
