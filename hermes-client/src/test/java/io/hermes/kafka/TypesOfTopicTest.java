package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int32Value;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** Which of a topic's types a record has. */
class TypesOfTopicTest {

  private static final String TEXT = "google.protobuf.StringValue";

  private final TypesOfTopic<String> types = new TypesOfTopic<>();

  private static <M extends Message> Topic.Builder<M> topic(Class<M> message) {
    return Topic.builder(message, "values");
  }

  private static Headers named(String type) {
    return new RecordHeaders()
        .add(EventHeaders.MESSAGE_TYPE, type.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theHeaderNamesTheTypeAndTheLastHeaderCounts() {
    types.add(topic(StringValue.class).build(), "text");
    types.add(topic(Int32Value.class).build(), "number");
    assertThat(types.of(named(TEXT))).isEqualTo("text");
    assertThat(types.of(named("other.Type"))).isNull();
    Headers twice = named("other.Type");
    named(TEXT).forEach(twice::add);
    assertThat(types.of(twice)).isEqualTo("text");
    assertThat(types.all()).containsExactly("text", "number");
    assertThat(types).hasToString("google.protobuf.Int32Value, " + TEXT);
  }

  @Test
  void withoutTheHeaderItIsTheOnlyTypeOfATopicThatIsNotShared() {
    Headers none = new RecordHeaders();
    Headers empty = new RecordHeaders().add(EventHeaders.MESSAGE_TYPE, null);
    assertThat(types.of(none)).isNull();
    types.add(topic(StringValue.class).build(), "text");
    assertThat(types.of(none)).isEqualTo("text");
    assertThat(types.of(empty)).isEqualTo("text");
    assertThat(TypesOfTopic.isNamed(none)).isFalse();
    assertThat(TypesOfTopic.isNamed(empty)).isFalse();
    types.add(topic(Int32Value.class).build(), "number");
    assertThat(types.of(none)).isNull();
  }

  @Test
  void withoutTheHeaderARecordOfASharedTopicCouldBeAnything() {
    types.add(topic(StringValue.class).shared().build(), "text");
    assertThat(types.of(new RecordHeaders())).isNull();
    assertThat(types.of(named(TEXT))).isEqualTo("text");
  }

  @Test
  void ofTwoContractsWithOneMessageTheFirstCounts() {
    types.add(topic(StringValue.class).build(), "first");
    types.add(topic(StringValue.class).build(), "second");
    assertThat(types.of(named(TEXT))).isEqualTo("first");
    assertThat(types.of(new RecordHeaders())).isEqualTo("first");
    assertThat(types.all()).containsExactly("first");
  }
}
