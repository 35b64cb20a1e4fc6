package io.hermes.testkit;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Creates topics and waits until they are ready. Connects on first use. Safe for any thread. */
final class TestTopics implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Supplier<String> bootstrapServers;
  private @Nullable Admin admin; // guarded by this
  private boolean closed; // guarded by this

  TestTopics(Supplier<String> bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  void createTopic(String name, int partitions, Map<String, String> configs) {
    long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
    String what = "topic " + name + " with " + partitions + " partitions";
    NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
    Admin connected = admin();
    Admins.await(connected.createTopics(List.of(topic.configs(configs))).all(), deadlineNs, what);
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
    }
    while (true) {
      try {
        Admins.await(connected.listOffsets(ends).all(), deadlineNs, what);
        return;
      } catch (TimeoutException e) {
        throw e;
      } catch (RetriableException notYet) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw notYet;
        }
      }
    }
  }

  /** Waits until a broker responds. */
  void awaitAnswer(Duration timeout) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    Admins.await(
        admin().describeCluster().nodes(), deadlineNs, "response from " + bootstrapServers.get());
  }

  private synchronized Admin admin() {
    if (closed) {
      throw new IllegalStateException("This Kafka is closed.");
    }
    if (admin == null) {
      admin =
          Admin.create(
              Map.of(
                  AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                  bootstrapServers.get(),
                  AdminClientConfig.CLIENT_ID_CONFIG,
                  "hermes-testkit"));
    }
    return admin;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
