package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.kafka.KafkasExceptions;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every exception type of Kafka, before and after send has returned. */
class PublishOutcomesTest {

  private static final String WHERE = "broker:9092";
  private static final String TOPIC = "user.events";

  @ParameterizedTest
  @MethodSource("io.hermes.kafka.KafkasExceptions#all")
  void beforeSendHasReturnedEveryErrorIsARejection(Exception failure) {
    PublishException outcome = PublishOutcomes.beforeSend(failure, WHERE, TOPIC, 42);
    assertThat(outcome).isInstanceOf(PublishRejectedException.class);
    assertThat(outcome.getMessage()).startsWith("Not written to user.events. ");
    assertThat(outcome.topic()).isEqualTo(TOPIC);
    Thread.interrupted(); // as an interrupt keeps the flag
  }

  @Test
  void afterwardsOnlyWhatNoBrokerWouldEverWriteIsARejection() throws Exception {
    Set<String> rejected = new TreeSet<>();
    for (Exception failure : KafkasExceptions.all()) {
      PublishException outcome = PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, 42);
      if (outcome instanceof PublishRejectedException) {
        rejected.add(failure.getClass().getSimpleName());
      } else {
        assertThat(outcome).isInstanceOf(PublishUnknownException.class);
        assertThat(outcome.getMessage())
            .startsWith("It may or may not have been written to user.events. ")
            .endsWith(" otherwise check first whether it was written.");
        assertThat(outcome.problem()).doesNotContain("check first");
      }
    }
    Thread.interrupted();
    assertThat(rejected)
        .containsExactly(
            "InvalidRecordException",
            "InvalidTimestampException",
            "InvalidTopicException",
            "RecordBatchTooLargeException",
            "RecordTooLargeException");
  }

  @Test
  void missingPermissionsAreARejectionUntilTheTopicHasTakenAnEvent() {
    Exception failure = new TopicAuthorizationException(Set.of(TOPIC));
    assertThat(PublishOutcomes.afterSend(failure, false, WHERE, TOPIC, 42))
        .isInstanceOf(PublishRejectedException.class)
        .hasMessageContaining("lacks a permission on topic user.events");
    assertThat(PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, 42))
        .isInstanceOf(PublishUnknownException.class);
  }

  @Test
  void aTimeOutIsWorthATryAgainOnBothSides() {
    Exception failure = new TimeoutException("Expiring 3 record(s)");
    assertThat(PublishOutcomes.beforeSend(failure, WHERE, TOPIC, 42).isRetryable()).isTrue();
    assertThat(PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, 42).isRetryable()).isTrue();
  }
}
