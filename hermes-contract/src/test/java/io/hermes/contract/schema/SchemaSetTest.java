package io.hermes.contract.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.contract.TopicContract;
import org.junit.jupiter.api.Test;

class SchemaSetTest {

  private final SchemaSet schemas = SchemaSet.parse(TestSchemas.bytes("/wrong-schemas.binpb"));

  @Test
  void findsMessagesByTheirFullName() {
    assertThat(schemas.message("wrong.v1.Right")).isPresent();
    assertThat(schemas.message("Right")).isEmpty();
  }

  @Test
  void findsTheEventsOfATopic() {
    assertThat(schemas.events("shared.topic"))
        .extracting(Descriptor::getName)
        .containsExactly("SharedInSecret", "SharedOpenly");
    assertThat(schemas.events("no.such.topic")).isEmpty();
  }

  @Test
  void readsContracts() {
    Descriptor right = schemas.message("wrong.v1.Right").orElseThrow();
    Descriptor login = schemas.message("wrong.v1.Login").orElseThrow();

    assertThat(SchemaSet.contract(right).map(TopicContract::getKeyField)).contains("user.number");
    assertThat(SchemaSet.contract(login)).isEmpty();
  }

  @Test
  void saysWhichImportIsMissing() {
    byte[] set = set(FileDescriptorProto.newBuilder().setName("a.proto").addDependency("b.proto"));

    assertThatThrownBy(() -> SchemaSet.parse(set))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("a.proto imports b.proto, which is not in the descriptor set");
  }

  @Test
  void refusesAFileThatImportsItself() {
    byte[] set = set(FileDescriptorProto.newBuilder().setName("a.proto").addDependency("a.proto"));

    assertThatThrownBy(() -> SchemaSet.parse(set))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("a.proto imports a.proto");
  }

  @Test
  void refusesBytesThatAreNoDescriptorSet() {
    assertThatThrownBy(() -> SchemaSet.parse(new byte[] {1, 2, 3}))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("not a descriptor set");
    assertThatThrownBy(() -> SchemaSet.parse(new byte[0]))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("empty");
  }

  private static byte[] set(FileDescriptorProto.Builder file) {
    return FileDescriptorSet.newBuilder().addFile(file).build().toByteArray();
  }
}
