package io.hermes.faults;

import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.ErrorPolicy;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** What the members of a group in a fault run have in common. */
final class Members {

  /** What no attempt will handle: these are dead letters. */
  static final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private Members() {}

  static KafkaSettings.Builder settings(String bootstrapServers, String protocol) {
    KafkaSettings.Builder settings =
        KafkaSettings.builder()
            .bootstrapServers(bootstrapServers)
            .openTimeout(Duration.ofMinutes(1))
            .property("group.protocol", protocol);
    if (protocol.equals("classic")) { // with the new one the brokers say how long
      settings.property("session.timeout.ms", 6000).property("heartbeat.interval.ms", 1000);
    }
    return settings;
  }

  static ErrorPolicy policy() {
    return ErrorPolicy.retryForever()
        .backoff(Duration.ofMillis(50), Duration.ofSeconds(1))
        .on(PoisonException.class, Decision.DEAD_LETTER);
  }

  /** Takes up to 20 ms, sometimes much longer, and fails now and then. */
  static void work(int longestMs) throws InterruptedException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Thread.sleep(random.nextInt(random.nextInt(200) == 0 ? longestMs : 20));
    if (random.nextInt(50) == 0) {
      throw new IllegalStateException("now and then");
    }
  }
}
