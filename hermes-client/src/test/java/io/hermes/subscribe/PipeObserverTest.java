package io.hermes.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.OutgoingEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What observers see of the events that a pipe emits, and what they add to them. */
@KafkaTest
@SuppressWarnings("try") // a pipe that only runs
class PipeObserverTest {

  private static final ThreadLocal<@Nullable String> CONTEXT = new ThreadLocal<>();

  private final List<String> seen = new CopyOnWriteArrayList<>();

  /** Its context is the number of the attempt, which it adds to what is emitted. */
  private final class Tracing implements SubscriberObserver {

    @Override
    public Attempt attempt(HandlerCall call) {
      String id = "attempt " + call.attempt();
      return new Attempt() {
        @Override
        public Scope open() {
          CONTEXT.set(id);
          return CONTEXT::remove;
        }

        @Override
        public void emitting(OutgoingEvent event) {
          seen.add(
              (event.event().isPresent() ? "event" : "tombstone")
                  + " of "
                  + id
                  + " in "
                  + CONTEXT.get()
                  + ", client '"
                  + event.clientId()
                  + "'");
          event.addHeader("trace", id.getBytes(UTF_8));
        }

        @Override
        public Scope sending() {
          seen.add("sending of " + id + " in " + CONTEXT.get());
          return () -> seen.add("sent of " + id);
        }
      };
    }
  }

  /** It throws, and what it has done before remains. */
  private static final class Failing implements SubscriberObserver {

    @Override
    public Attempt attempt(HandlerCall call) {
      return new Attempt() {
        @Override
        public void emitting(OutgoingEvent event) {
          event.addHeader(EventHeaders.MESSAGE_TYPE, new byte[0]);
        }
      };
    }
  }

  @Test
  void whatIsEmittedIsShownInTheContextOfItsAttemptAndTakesTheHeadersThatAreAdded(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = Users.topicOf(kafka.uniqueTopic("out", 1));
      users.send("user-1", 0).get();
      try (HermesSubscriber pipe =
          HermesPipe.from(users.topic())
              .to(output)
              .settings(users.settings())
              .group(users.group())
              .maxSlice(Duration.ofMillis(20))
              .onError(ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
              .observer(new Tracing())
              .subscriber(builder -> builder.observer(new Failing()))
              .start(
                  (delivery, out) -> {
                    out.emit(
                        delivery.event(), List.of(new RecordHeader("own", "own".getBytes(UTF_8))));
                    if (delivery.attempt() == 1) {
                      throw new IllegalStateException("told to");
                    }
                    out.emitTombstone(UserEvent.class, "user-2");
                  })) {
        Await.until("committed", () -> users.committedSum() == 1);
        assertThat(pipe.health().counts().observerFailures()).isEqualTo(3);
      }
      assertThat(seen)
          .containsExactly(
              "event of attempt 1 in attempt 1, client ''",
              "event of attempt 2 in attempt 2, client ''",
              "tombstone of attempt 2 in attempt 2, client ''",
              "sending of attempt 2 in null",
              "sent of attempt 2");
      var records = users.read(output.name());
      assertThat(records).hasSize(2);
      assertThat(records)
          .allSatisfy(
              record ->
                  assertThat(EventHeaders.text(record.headers(), "trace")).isEqualTo("attempt 2"));
      var event = records.stream().filter(record -> record.value() != null).findAny().orElseThrow();
      assertThat(EventHeaders.text(event.headers(), "own")).isEqualTo("own");
      assertThat(EventHeaders.text(event.headers(), EventHeaders.MESSAGE_TYPE))
          .isEqualTo("hermes.events.v1.UserEvent");
    }
  }

  /** A builder may be used for several pipes, as a container does that starts again. */
  @Test
  void aBuilderBuildsOnePipeAfterTheOther(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = Users.topicOf(kafka.uniqueTopic("out", 1));
      PipeBuilder<UserEvent> builder =
          HermesPipe.from(users.topic())
              .to(output)
              .group(users.group())
              .maxSlice(Duration.ofMillis(20))
              .subscriber(subscriber -> subscriber.settings(users.settings()));
      var handledBy = new ConcurrentHashMap<String, Integer>();
      for (int round = 1; round <= 2; round++) {
        String name = "pipe " + round;
        int sum = round;
        users.send("user-1", round).get();
        try (HermesSubscriber pipe =
            builder.start((delivery, out) -> handledBy.merge(name, 1, Integer::sum))) {
          Await.until("committed", () -> users.committedSum() == sum);
        }
      }
      assertThat(handledBy).isEqualTo(java.util.Map.of("pipe 1", 1, "pipe 2", 1));
    }
  }
}
