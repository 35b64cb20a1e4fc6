package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pipe that starts while one of three brokers is left: it answers, and no transaction begins. */
@Timeout(120)
@Tag("full")
class PipeStartTest {

  @Test
  void waitsForACoordinatorAndSaysSo() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.builder().brokers(3).start();
        Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = Users.topicOf(kafka.uniqueTopic("out", 1));
      pipe(users, output, Duration.ofSeconds(30)).close(); // from now on there are all topics
      users.sendAll(1, 10);
      kafka.broker(1).kill();
      kafka.broker(2).kill();

      try (HermesSubscriber pipe = pipe(users, output, Duration.ofSeconds(20))) {
        assertThat(pipe.health().fault()).contains("The pipe has no producer", "does not respond");
        CompletableFuture<Void> other = CompletableFuture.runAsync(kafka.broker(1)::start);
        kafka.broker(2).start();
        other.join();
        Await.until("committed", () -> users.committedSum() == 10);
        Await.until("healthy", () -> pipe.health().isHealthy());
        assertThat(pipe.health().counts().handled()).isEqualTo(10);
      }
      assertThat(RawRecords.readCommitted(kafka, output.name())).hasSize(10);
    }
  }

  private static HermesSubscriber pipe(Users users, Topic<UserEvent> output, Duration openTimeout) {
    KafkaSettings settings = users.settings().toBuilder().openTimeout(openTimeout).build();
    return HermesPipe.from(users.topic())
        .to(output)
        .settings(settings)
        .group(users.group())
        .start((delivery, out) -> out.emit(delivery.event()));
  }
}
