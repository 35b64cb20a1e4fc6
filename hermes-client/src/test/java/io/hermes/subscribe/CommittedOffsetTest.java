package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class CommittedOffsetTest {

  private static final String CLUSTER = "cluster";
  private static final Uuid TOPIC = Uuid.randomUuid();

  @Test
  void countsWhatIsFinishedOutOfOrderFromAnOffsetOn() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    runs.addRun(12, 14, false);
    runs.addRun(20, 20, false);
    String metadata = CommitMetadata.encode(new TopicId(CLUSTER, TOPIC), 10, runs.build());
    CommittedOffset commit =
        CommittedOffset.of(new OffsetAndMetadata(10, metadata), CLUSTER, TOPIC);
    assertThat(commit.offset()).isEqualTo(10);
    assertThat(commit.finishedAhead(0)).isEqualTo(4);
    assertThat(commit.finishedAhead(13)).isEqualTo(3);
    assertThat(commit.finishedAhead(15)).isEqualTo(1);
    assertThat(commit.finishedAhead(21)).isZero();
    assertThat(commit.isOfAnotherTopic()).isFalse();
  }

  @Test
  void aResetForgetsWhatWasFinishedAndIsVoidForARecreatedTopic() {
    OffsetAndMetadata reset = CommittedOffset.reset(10, CLUSTER, TOPIC);
    assertThat(CommittedOffset.of(reset, CLUSTER, TOPIC).finishedAhead(0)).isZero();
    assertThat(CommittedOffset.of(reset, CLUSTER, TOPIC).isOfAnotherTopic()).isFalse();
    assertThat(CommittedOffset.of(reset, CLUSTER, Uuid.randomUuid()).isOfAnotherTopic()).isTrue();
  }

  @Test
  void aCommitOfAnotherProgramIsAnOffset() {
    OffsetAndMetadata foreign = new OffsetAndMetadata(7, "written by somebody");
    CommittedOffset commit = CommittedOffset.of(foreign, CLUSTER, TOPIC);
    assertThat(commit.offset()).isEqualTo(7);
    assertThat(commit.finishedAhead(0)).isZero();
    assertThat(commit.isOfAnotherTopic()).isFalse();
  }
}
