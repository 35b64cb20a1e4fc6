package io.hermes.cli.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.groups.GroupState.Position;
import io.hermes.subscribe.CommittedOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final Uuid TOPIC = Uuid.randomUuid();

  @Test
  void aRateIsThatOfTheFirstSampleThatKnowsThePartition() {
    Position now = position(0, 300, 500, TOPIC);
    Position between = position(0, 200, 480, TOPIC);
    List<Pace.Past> past =
        List.of(past(10, position(1, 0, 0, TOPIC)), past(5, between), past(2, now));
    assertThat(Pace.of(List.of(now), past)).isEqualTo(new Pace(200L, 20.0, 4.0));
    assertThat(Pace.of(List.of(now), List.of())).isEqualTo(new Pace(200L, null, null));
  }

  @Test
  void neitherARecreatedTopicNorAResetIsARate() {
    Position now = position(0, 10, 20, TOPIC);
    assertThat(Pace.of(List.of(now), List.of(past(2, position(0, 4, 9, Uuid.randomUuid())))))
        .isEqualTo(new Pace(10L, null, null));
    assertThat(Pace.of(List.of(now), List.of(past(2, position(0, 16, 18, TOPIC)))))
        .isEqualTo(new Pace(10L, 0.0, 1.0));
  }

  @Test
  void saysWhenTheLagIsGoneOrWhyNot() {
    assertThat(new Pace(1_200L, 30.0, 20.0).catchUp()).isEqualTo("2min");
    assertThat(new Pace(1_200L, 20.0, 30.0).catchUp()).isEqualTo("growing");
    assertThat(new Pace(1_200L, 20.0, 20.0).catchUp()).isEqualTo("steady");
    assertThat(new Pace(1_200L, 0.0, 0.0).catchUp()).isEqualTo("stalled");
    assertThat(new Pace(1_200L, null, null).catchUp()).isEqualTo("-");
    assertThat(new Pace(null, 1.0, 1.0).catchUp()).isEqualTo("-");
    // What is produced within five seconds: the next commit may have it.
    assertThat(new Pace(100L, 10.0, 20.0).catchUp()).isEqualTo("-");
    assertThat(new Pace(101L, 10.0, 20.0).catchUp()).isEqualTo("growing");
    assertThat(new Pace(100L, 10.0, 20.0).isFallingBehind()).isFalse();
    assertThat(new Pace(101L, 10.0, 20.0).isFallingBehind()).isTrue();
  }

  private static Pace.Past past(double seconds, Position position) {
    return new Pace.Past(seconds, Map.of(position.id(), position));
  }

  private static Position position(int partition, long committed, long end, Uuid topic) {
    GroupAdmin.Log log = new GroupAdmin.Log(topic, Map.of(partition, 0L), Map.of(partition, end));
    CommittedOffset commit = CommittedOffset.of(new OffsetAndMetadata(committed), "cluster", topic);
    TopicPartition id = new TopicPartition("orders.events", partition);
    return new Position(id, log, Objects.requireNonNull(commit).offset(), commit, null);
  }
}
