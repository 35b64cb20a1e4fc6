package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.AccessException;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.TransactionFailures.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every exception type of Kafka, and others, in every step of a transaction. */
class TransactionFailuresTest {

  private static final TransactionFailures FAILURES =
      new TransactionFailures("broker:9092", "billing-pipe-1");

  private static final Set<String> RECORDS =
      Set.of(
          "InvalidRecordException",
          "InvalidTimestampException",
          "InvalidTopicException",
          "RecordBatchTooLargeException",
          "RecordDeserializationException",
          "RecordTooLargeException",
          "SerializationException");

  private static final Set<String> OVER =
      Set.of(
          "InvalidPidMappingException", "InvalidProducerEpochException", "ProducerFencedException");

  @AfterEach
  void clearTheFlagThatInterruptsKeep() {
    Thread.interrupted();
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void everyFailureHasAnActionAndSaysWhatWhyAndWhatToDo(Step step) throws Exception {
    for (Throwable failure : everything()) {
      Failure known = FAILURES.of(step, failure);
      assertThat(known.step()).isEqualTo(step);
      assertThat(known.action()).as("%s", failure).isNotNull();
      assertThat(known.reason()).hasCauseInstanceOf(failure.getClass());
      assertThat(known.reason().getMessage())
          .startsWith("A transaction of billing-pipe-1 can")
          .hasSizeGreaterThan(60);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"SEND", "OFFSETS", "COMMIT"})
  void inAnOpenTransactionOnlyWhatEndsTheProducerNeedsAnotherOne(Step step) throws Exception {
    assertThat(kafkas(step, Action.REFUSE)).isEqualTo(new TreeSet<>(RECORDS));
    assertThat(kafkas(step, Action.REPLACE)).isEqualTo(new TreeSet<>(OVER));
    assertThat(kafkas(step, Action.RECONFIGURE)).isEqualTo(settings());
    assertThat(kafkas(step, Action.REPEAT))
        .isEqualTo(
            step == Step.COMMIT
                ? new TreeSet<>(Set.of("TimeoutException", "InterruptException"))
                : new TreeSet<>());
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"INIT", "ABORT", "BEGIN"})
  void withoutOneEverythingButAWaitNeedsAnotherProducer(Step step) throws Exception {
    assertThat(kafkas(step, Action.REFUSE)).isEmpty();
    assertThat(kafkas(step, Action.ABORT)).isEmpty();
    assertThat(kafkas(step, Action.RECONFIGURE)).isEqualTo(settings());
    assertThat(kafkas(step, Action.REPEAT))
        .isEqualTo(
            step == Step.BEGIN
                ? new TreeSet<>()
                : new TreeSet<>(Set.of("TimeoutException", "InterruptException")));
  }

  /** KIP-1050 has a common class for most; new ones belong to it, too. */
  private static Set<String> settings() throws Exception {
    Set<String> names =
        new TreeSet<>(
            Set.of(
                "InvalidCommitOffsetSizeException",
                "InvalidGroupIdException",
                "InvalidTxnTimeoutException",
                "OffsetMetadataTooLarge",
                "UnsupportedCompressionTypeException"));
    for (Exception failure : KafkasExceptions.all()) {
      String name = failure.getClass().getSimpleName();
      if (failure instanceof InvalidConfigurationException && !RECORDS.contains(name)) {
        names.add(name);
      }
    }
    assertThat(names)
        .contains("TopicAuthorizationException", "TransactionalIdAuthorizationException");
    return names;
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void whatIsNoneOfKafkasLeavesTheProducerInDoubt(Step step) {
    for (Throwable failure :
        List.of(
            new IllegalStateException("closed"),
            new NullPointerException(),
            new OutOfMemoryError(),
            new NoClassDefFoundError("x"))) {
      assertThat(FAILURES.of(step, failure).action()).isEqualTo(Action.REPLACE);
    }
  }

  @Test
  void aWrapperCountsForNothing() {
    Throwable fenced = new ProducerFencedException("old epoch");
    for (Throwable wrapped :
        List.of(
            new KafkaException("error state", fenced),
            new ExecutionException(new KafkaException("error state", fenced)))) {
      Failure known = FAILURES.of(Step.COMMIT, wrapped);
      assertThat(known.action()).isEqualTo(Action.REPLACE);
      assertThat(known.isFencing()).isTrue();
      assertThat(known.reason()).hasCause(fenced);
    }
    assertThat(FAILURES.of(Step.COMMIT, new KafkaException("error state")).action())
        .isEqualTo(Action.ABORT);
  }

  /** KafkaProducer wraps what it retried until the delivery timeout expired. */
  @Test
  void aWriteThatWasRetriedInVainIsAbortedAndNotRepeated() {
    Throwable expired = new TransactionAbortableException("retried", new TimeoutException("late"));
    assertThat(FAILURES.of(Step.COMMIT, expired).action()).isEqualTo(Action.ABORT);
    assertThat(FAILURES.of(Step.SEND, new TimeoutException("late")).action())
        .isEqualTo(Action.ABORT);
    assertThat(FAILURES.of(Step.SEND, new NotEnoughReplicasException("2 of 3")).reason())
        .matches(HermesException::isRetryable);
  }

  /** KIP-447: a member that is no longer in its group's generation must not commit offsets. */
  @Test
  void aMemberThatHasLeftItsGroupAborts() {
    assertThat(FAILURES.of(Step.OFFSETS, new CommitFailedException("generation")).action())
        .isEqualTo(Action.ABORT);
    assertThat(FAILURES.of(Step.OFFSETS, new TimeoutException("late")).action())
        .isEqualTo(Action.ABORT);
  }

  @Test
  void eachCauseNamesItsCure() {
    HermesException access =
        FAILURES.of(Step.INIT, new TransactionalIdAuthorizationException("denied")).reason();
    assertThat(access)
        .isInstanceOf(AccessException.class)
        .hasMessage(
            "A transaction of billing-pipe-1 cannot be initialised at broker:9092 (denied). The"
                + " principal lacks a permission on this transactional id. Grant WRITE and DESCRIBE"
                + " on it with './hermes acls' or kafka-acls.sh --transactional-id, or use other"
                + " credentials.")
        .matches(e -> !e.isRetryable());
    assertThat(FAILURES.of(Step.INIT, new InvalidTxnTimeoutException("900001")).reason())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("transaction.max.timeout.ms");
    KafkaException inWords =
        new KafkaException("Unexpected error: larger than transaction.max.timeout.ms");
    assertThat(FAILURES.of(Step.INIT, inWords).action()).isEqualTo(Action.RECONFIGURE);
    assertThat(FAILURES.of(Step.INIT, inWords).reason()).isInstanceOf(SettingsException.class);
    assertThat(FAILURES.of(Step.INIT, new UnsupportedVersionException("v3")).reason())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Upgrade them to Kafka 2.5");
    assertThat(FAILURES.of(Step.COMMIT, new ProducerFencedException("old")).reason())
        .hasMessageContaining("transaction.timeout.ms")
        .hasMessageContaining("same transactional id")
        .matches(e -> e.isRetryable());
    assertThat(FAILURES.of(Step.COMMIT, new RecordTooLargeException("2 MB")).reason())
        .hasMessageContaining("raise max.request.size and the topic's max.message.bytes")
        .matches(e -> !e.isRetryable());
    assertThat(FAILURES.of(Step.SEND, new InvalidTimestampException("1970")).reason())
        .hasMessageContaining("Correct this machine's clock");
    assertThat(FAILURES.of(Step.SEND, new InvalidRecordException("odd")).reason())
        .hasMessageContaining("refuse one of the records");
    assertThat(FAILURES.of(Step.COMMIT, new UnknownServerException("?")).reason())
        .hasMessageContaining("broker:9092")
        .matches(e -> e.isRetryable());
  }

  private static Set<String> kafkas(Step step, Action action) throws Exception {
    Set<String> names = new TreeSet<>();
    for (Exception failure : KafkasExceptions.all()) {
      if (FAILURES.of(step, failure).action() == action) {
        names.add(failure.getClass().getSimpleName());
      }
    }
    return names;
  }

  private static List<Throwable> everything() throws Exception {
    List<Throwable> failures = new ArrayList<>(KafkasExceptions.all());
    failures.add(new KafkaException());
    failures.add(new IllegalStateException());
    failures.add(new InterruptedException());
    failures.add(new InterruptException("stop"));
    failures.add(new NullPointerException());
    failures.add(new StackOverflowError());
    failures.add(new OutOfMemoryError());
    failures.add(new Unspeakable());
    return failures;
  }

  /** Exceptions of interceptors and other plug-ins can do this. */
  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable String getMessage() {
      throw new IllegalStateException("no message");
    }
  }
}
