package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every exception type of Kafka, before and after send has returned. */
class PublishOutcomesTest {

  private static final String WHERE = "broker:9092";
  private static final String TOPIC = "user.events";

  @ParameterizedTest
  @MethodSource("kafkasExceptions")
  void beforeSendHasReturnedEveryErrorIsARejection(Exception failure) {
    PublishException outcome = PublishOutcomes.beforeSend(failure, WHERE, TOPIC, true, 42);
    assertThat(outcome).isInstanceOf(PublishRejectedException.class);
    assertThat(outcome.getMessage()).startsWith("Not written to user.events. ");
    assertThat(outcome.topic()).isEqualTo(TOPIC);
    assertThat(outcome.hasKey()).isTrue();
    assertThat(outcome.valueBytes()).isEqualTo(42);
    Thread.interrupted(); // as an interrupt keeps the flag
  }

  @Test
  void afterwardsOnlyWhatNoBrokerWouldEverWriteIsARejection() throws Exception {
    Set<String> rejected = new TreeSet<>();
    for (Exception failure : kafkasExceptions()) {
      PublishException outcome = PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, true, 42);
      if (outcome instanceof PublishRejectedException) {
        rejected.add(failure.getClass().getSimpleName());
      } else {
        assertThat(outcome).isInstanceOf(PublishUnknownException.class);
        assertThat(outcome.getMessage())
            .startsWith("It may or may not have been written to user.events. ");
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
  void missingRightsAreARejectionUntilTheTopicHasTakenAnEvent() {
    Exception failure = new TopicAuthorizationException(Set.of(TOPIC));
    assertThat(PublishOutcomes.afterSend(failure, false, WHERE, TOPIC, true, 42))
        .isInstanceOf(PublishRejectedException.class)
        .hasMessageContaining("lacks a permission on topic user.events");
    assertThat(PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, true, 42))
        .isInstanceOf(PublishUnknownException.class);
  }

  @Test
  void aTimeOutIsWorthATryAgainOnBothSides() {
    Exception failure = new TimeoutException("Expiring 3 record(s)");
    assertThat(PublishOutcomes.beforeSend(failure, WHERE, TOPIC, true, 42).isRetryable()).isTrue();
    assertThat(PublishOutcomes.afterSend(failure, true, WHERE, TOPIC, true, 42).isRetryable())
        .isTrue();
  }

  /** One of each concrete class below KafkaException that the jar of kafka-clients has. */
  static List<Exception> kafkasExceptions()
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path jar =
        Path.of(KafkaException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Exception> exceptions = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().toList()) {
        String name = entry.getName();
        if (name.matches("org/apache/kafka/(?!.*internals).*Exception\\.class")) {
          Class<?> type = Class.forName(name.replace('/', '.').replace(".class", ""));
          if (KafkaException.class.isAssignableFrom(type)
              && !Modifier.isAbstract(type.getModifiers())
              && Modifier.isPublic(type.getModifiers())) {
            exceptions.add(instance(type));
          }
        }
      }
    }
    assertThat(exceptions).hasSizeGreaterThan(120);
    Thread.interrupted(); // InterruptException sets the flag when it is made
    return exceptions;
  }

  private static Exception instance(Class<?> type) throws ReflectiveOperationException {
    for (Constructor<?> constructor : type.getConstructors()) {
      @Nullable Object[] arguments = new @Nullable Object[constructor.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = argument(constructor.getParameterTypes()[i]);
      }
      try {
        return (Exception) constructor.newInstance(arguments);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        assertThat(e).as("tries the next constructor").isNotNull();
      }
    }
    throw new AssertionError("Cannot make a " + type);
  }

  private static @Nullable Object argument(Class<?> type) {
    if (type == String.class) {
      return "said Kafka";
    }
    if (type == Set.class) {
      return Set.of(TOPIC);
    }
    if (type == Map.class) {
      return Map.of();
    }
    if (type == long.class) {
      return 7L;
    }
    if (type == int.class) {
      return 7;
    }
    if (type == double.class) {
      return 7.0;
    }
    if (type == boolean.class) {
      return false;
    }
    return null;
  }
}
