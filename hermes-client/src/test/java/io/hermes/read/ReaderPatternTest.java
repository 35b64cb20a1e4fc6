package io.hermes.read;

import static io.hermes.read.Written.ids;
import static io.hermes.read.Written.next;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.contract.schema.SchemaSet;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics that a pattern matches. */
@KafkaTest
@Timeout(60)
class ReaderPatternTest {

  private final Kafka kafka;

  ReaderPatternTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private Written topic(String name) {
    kafka.createTopic(name, 1);
    return new Written(kafka, name, Map.of());
  }

  private HermesReader.Builder<UserEvent> reader(String pattern) {
    // Often, so that the test need not wait for five minutes.
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("metadata.max.age.ms", 200)
            .build();
    return HermesReader.builder(UserEvent.class)
        .settings(settings)
        .topics(Pattern.compile(pattern));
  }

  @Test
  void readsTheTopicsThatMatchToTheirEndsAndNoOther() throws Exception {
    try (Written first = topic("bounded-1.log");
        Written second = topic("bounded-2.log");
        Written other = topic("bounded-3.txt")) {
      first.write(0, 1, 2);
      second.write(0, 3, 3);
      other.write(0, 4, 4);

      assertThat(ids(reader("bounded-.*\\.log")))
          .containsExactlyInAnyOrder("event-1", "event-2", "event-3");
    }
  }

  @Test
  void anEndlessReaderAlsoReadsWhatIsMadeLaterAndGoesOnWhenATopicIsDeleted() throws Exception {
    try (HermesReader<UserEvent> reader = reader("reader-later-.*").open()) {
      assertThat(reader.poll(Duration.ZERO)).isNull();
      try (Written first = topic("reader-later-1");
          Admin admin = first.admin()) {
        first.write(0, 1, 1);
        assertThat(next(reader, 1)).containsExactly("event-1");
        admin.deleteTopics(List.of("reader-later-1")).all().get(10, SECONDS);
      }
      try (Written second = topic("reader-later-2")) {
        second.write(0, 2, 3);
        assertThat(next(reader, 2)).containsExactly("event-2", "event-3");
        for (int number = 4; number < 7; number++) { // beyond the time after which one is missed
          assertThat(reader.poll(Duration.ofSeconds(1))).isNull();
          second.write(0, number, number);
          assertThat(next(reader, 1)).containsExactly("event-" + number);
        }
      }
    }
  }

  @Test
  void aPatternThatMatchesNothingEndsWithAnErrorUnlessTheReaderIsEndless() {
    assertThatThrownBy(() -> reader("reader-no-such-.*").toEnd().open())
        .isInstanceOf(UnknownTopicException.class)
        .hasMessageContaining("reader-no-such-.*");
    // Kafka's own topics are not for everybody's pattern.
    assertThatThrownBy(() -> reader("__.*").toEnd().open())
        .isInstanceOf(UnknownTopicException.class);
    try (HermesReader<UserEvent> endless = reader("reader-no-such-.*").open()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> endless.poll(Duration.ofHours(1)))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("Interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aDescriptorSetIsEnoughToReadTopicsOfAnyName() throws Exception {
    // Without any class of it: from the bytes that protoc writes.
    SchemaSet schemas = SchemaSet.parse(descriptorSet(UserEvent.getDescriptor().getFile()));
    Descriptor message = schemas.message("hermes.events.v1.UserEvent").orElseThrow();
    assertThat(message).isNotSameAs(UserEvent.getDescriptor());
    try (Written written = topic("described-1")) {
      written.write(0, 1, 1);
      Topic<DynamicMessage> named = Topic.builder(message, "described-1").build();
      for (HermesReader.Builder<DynamicMessage> builder :
          List.of(
              HermesReader.builder(named),
              HermesReader.builder(Topic.of(message)).topics(Pattern.compile("described-.*")))) {
        try (HermesReader<DynamicMessage> reader =
            builder.settings(written.settings()).toEnd().open()) {
          DynamicMessage event = reader.iterator().next().event();
          assertThat(event.getField(message.findFieldByName("user_id"))).isEqualTo("user-1");
        }
      }
    }
  }

  private static byte[] descriptorSet(FileDescriptor file) {
    FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
    add(set, file, new HashSet<>());
    return set.build().toByteArray();
  }

  private static void add(FileDescriptorSet.Builder set, FileDescriptor file, Set<String> added) {
    if (added.add(file.getName())) {
      file.getDependencies().forEach(imported -> add(set, imported, added));
      set.addFile(file.toProto());
    }
  }
}
