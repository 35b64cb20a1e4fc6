package io.hermes.cli.doctor;

import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.OpenTransaction;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeMetadataQuorumOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.QuorumInfo.ReplicaState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;

/** Finds faults that are easy to miss: open transactions, and voters that no longer exist. */
final class ClusterHealth {

  private static final int STEP_MS = 5_000;
  private static final long SECOND_LOOK_MS = 1_500;
  private static final long BEHIND_MS = 60_000;

  private final Diagnosis diagnosis;
  private final Admin admin;
  private final String where; // what Kafka's tools need after --bootstrap-server

  ClusterHealth(Diagnosis diagnosis, Admin admin, KafkaSettings settings) {
    this.diagnosis = diagnosis;
    this.admin = admin;
    Object protocol = settings.adminProperties(Map.of()).get("security.protocol");
    boolean secured = protocol != null && !"PLAINTEXT".equals(protocol);
    this.where =
        settings.bootstrapServers() + (secured ? " --command-config admin.properties" : "");
  }

  /** Finds partitions whose readers are blocked although there is more to read. */
  void transactions(Collection<TopicDescription> topics) {
    Set<TopicPartition> partitions =
        topics.stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(info -> new TopicPartition(topic.name(), info.partition())))
            .collect(Collectors.toSet());
    if (partitions.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> held = held(partitions);
    if (!held.isEmpty()) {
      pause();
      Map<TopicPartition, Long> still = held(held.keySet());
      held.entrySet().removeIf(entry -> !entry.getValue().equals(still.get(entry.getKey())));
    }
    boolean reported = false;
    for (Map.Entry<TopicPartition, Long> one : held.entrySet()) {
      reported |= report(one.getKey(), one.getValue());
    }
    if (!reported) {
      diagnosis.ok("transactions", "none blocks readers");
    }
  }

  /** The last stable offset of each partition in which it is below the end offset. */
  private Map<TopicPartition, Long> held(Set<TopicPartition> partitions) {
    ListOffsetsResult stable = ends(partitions, IsolationLevel.READ_COMMITTED);
    ListOffsetsResult all = ends(partitions, IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> held = new LinkedHashMap<>();
    for (TopicPartition partition : partitions) {
      try {
        long lastStable = get(stable.partitionResult(partition)).offset();
        if (lastStable < get(all.partitionResult(partition)).offset()) {
          held.put(partition, lastStable);
        }
      } catch (ExecutionException | TimeoutException e) {
        // its leader does not respond; other checks report that
      }
    }
    return held;
  }

  private ListOffsetsResult ends(Set<TopicPartition> partitions, IsolationLevel level) {
    Map<TopicPartition, OffsetSpec> wanted =
        partitions.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
    return admin.listOffsets(
        wanted, new ListOffsetsOptions(level).timeoutMs(diagnosis.stepMs(STEP_MS)));
  }

  private void pause() {
    try {
      Thread.sleep(diagnosis.stepMs((int) SECOND_LOOK_MS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Reports the transaction that begins at the last stable offset. Later open transactions are not
   * reported: they do not block readers yet, and may belong to running programs, so nobody should
   * abort them.
   *
   * @return false if it has ended by now
   */
  private boolean report(TopicPartition partition, long lastStable) {
    String text = partition + ": readers are blocked at offset " + lastStable + " by ";
    List<OpenTransaction> open;
    try {
      Duration timeout = Duration.ofMillis(diagnosis.stepMs(STEP_MS));
      open = get(OpenTransaction.find(admin, partition, timeout));
    } catch (ExecutionException e) {
      boolean refused = e.getCause() instanceof AuthorizationException;
      diagnosis.failure(
          "transactions",
          text + "an open transaction",
          refused
              ? "Identifying its producer needs READ on the topic, which the principal"
                  + " lacks. Grant it, or run doctor with other credentials."
              : "Its producer cannot be identified: " + reason(e));
      return true;
    } catch (TimeoutException e) {
      return true; // its leader does not respond; other checks report that
    }
    open = open.stream().filter(one -> one.startOffset() <= lastStable).toList();
    for (OpenTransaction one : open) {
      String name =
          one.transactionalId()
              .map(id -> "the transaction of '" + Text.printable(id) + "'")
              .orElse("a transaction with an unknown name");
      diagnosis.failure(
          "transactions",
          text
              + name
              + " (producer "
              + one.producerId()
              + ", epoch "
              + one.producerEpoch()
              + "), which last wrote at "
              + one.lastWrite().truncatedTo(ChronoUnit.SECONDS),
          "Stop or restart its program. If the program no longer exists, abort the transaction: "
              + one.abortCommand(where));
    }
    return !open.isEmpty();
  }

  /** Reports the brokers that the controller knows but considers dead. */
  void fenced() {
    try {
      var options =
          new DescribeClusterOptions()
              .includeFencedBrokers(true)
              .timeoutMs(diagnosis.stepMs(STEP_MS));
      for (Node node : get(admin.describeCluster(options).nodes())) {
        if (node.isFenced()) {
          diagnosis.failure(
              "broker",
              "broker "
                  + node.id()
                  + " at "
                  + node.host()
                  + ":"
                  + node.port()
                  + " is fenced: the controller no longer receives its heartbeats",
              "It is down, hangs, or cannot reach the controller. Check its log, and restart it.");
        }
      }
    } catch (ExecutionException | TimeoutException e) {
      diagnosis.skipped("broker", "could not check whether brokers are fenced");
    }
  }

  /** Compares the voters with the nodes that replicate the metadata. */
  void quorum() {
    QuorumInfo quorum;
    try {
      var options = new DescribeMetadataQuorumOptions().timeoutMs(diagnosis.stepMs(STEP_MS));
      quorum = get(admin.describeMetadataQuorum(options).quorumInfo());
    } catch (ExecutionException e) {
      diagnosis.skipped(
          "quorum",
          e.getCause() instanceof AuthorizationException
              ? "not checked: the principal lacks DESCRIBE on the cluster"
              : "not checked: " + reason(e));
      return;
    } catch (TimeoutException e) {
      diagnosis.skipped("quorum", "not checked: the controller does not respond in time");
      return;
    }
    Set<Integer> observers =
        quorum.observers().stream().map(ReplicaState::replicaId).collect(Collectors.toSet());
    List<String> healthy = new ArrayList<>();
    long newest =
        quorum.voters().stream()
            .mapToLong(v -> v.lastCaughtUpTimestamp().orElse(0))
            .max()
            .orElse(0);
    for (ReplicaState voter : quorum.voters()) {
      if (observers.contains(voter.replicaId())) {
        lost(voter, quorum.voters().size());
      } else if (voter.replicaId() != quorum.leaderId()
          && voter.lastCaughtUpTimestamp().orElse(0) < newest - BEHIND_MS) {
        behind(voter);
      } else {
        healthy.add(Integer.toString(voter.replicaId()));
      }
    }
    if (healthy.size() == quorum.voters().size()) {
      diagnosis.ok(
          "quorum",
          Units.count(healthy.size(), "voter")
              + ": "
              + String.join(", ", healthy)
              + (observers.isEmpty() ? "" : "; observers " + new TreeSet<>(observers)));
    }
  }

  private void lost(ReplicaState voter, int voters) {
    int id = voter.replicaId();
    diagnosis.failure(
        "quorum",
        "node "
            + id
            + " is an observer, but its vote belongs to the directory "
            + voter.replicaDirectoryId()
            + ", which it has lost. Of "
            + Units.count(voters, "voter")
            + " this one counts as down",
        "Restore its vote: kafka-metadata-quorum.sh --bootstrap-server "
            + where
            + " remove-controller --controller-id "
            + id
            + " --controller-directory-id "
            + voter.replicaDirectoryId()
            + ", and then, on that node: kafka-metadata-quorum.sh --command-config"
            + " <server.properties> --bootstrap-server "
            + where
            + " add-controller. It must print that node's own address; if it prints"
            + " localhost, advertised.listeners lacks the controller listener");
  }

  private void behind(ReplicaState voter) {
    String since =
        voter.lastCaughtUpTimestamp().isPresent() && voter.lastCaughtUpTimestamp().getAsLong() > 0
            ? " since "
                + Instant.ofEpochMilli(voter.lastCaughtUpTimestamp().getAsLong())
                    .truncatedTo(ChronoUnit.SECONDS)
            : "";
    diagnosis.warning(
        "quorum",
        "voter " + voter.replicaId() + " does not replicate from the others" + since,
        "Start it, or check its log: with too few voters, no controller can be elected.");
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause();
    return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
  }

  private <T> T get(Future<T> future) throws ExecutionException, TimeoutException {
    try {
      return future.get(diagnosis.stepMs(STEP_MS) + 500L, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimeoutException(e.getMessage());
    }
  }
}
