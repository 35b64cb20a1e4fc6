package io.hermes.cli.doctor;

import com.google.protobuf.DynamicMessage;
import io.hermes.AccessException;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.cli.broker.Consequence;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.kafka.AdminClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TopicDifference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** Checks permissions, topics and replicas on a cluster that responds. For one thread. */
final class ClusterChecks {

  private static final String PARTLY =
      "The broker responds, but not to all requests. Check its log, and try again.";

  private static final int STEP_MS = 5_000;
  private static final String MIN_ISR = "min.insync.replicas";
  private static final List<AclOperation> NEEDED =
      List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS);

  private final Diagnosis diagnosis;
  private final KafkaSettings settings;
  private final Contracts contracts;
  private final Set<String> unseen = new LinkedHashSet<>();

  ClusterChecks(Diagnosis diagnosis, KafkaSettings settings, Contracts contracts) {
    this.diagnosis = diagnosis;
    this.settings = settings;
    this.contracts = contracts;
  }

  void run(int brokers) {
    try (Admin admin = settings.clients().admin(settings.adminProperties(Map.of()))) {
      try {
        ClusterHealth health = new ClusterHealth(diagnosis, admin, settings);
        health.fenced();
        Map<String, TopicDescription> topics = describe(admin);
        rights(admin, topics);
        compare(topics.keySet());
        replicas(admin, topics, brokers);
        health.transactions(topics.values());
        health.quorum();
      } finally {
        admin.close(Duration.ofSeconds(1));
      }
    } catch (HermesException e) {
      diagnosis.failure("topics", e.problem(), e.advice().orElse(PARTLY));
    } catch (KafkaException e) {
      diagnosis.failure("topics", String.valueOf(e.getMessage()), PARTLY);
    }
  }

  /** The contracts' topics that exist and may be described. */
  private Map<String, TopicDescription> describe(Admin admin) {
    Map<String, TopicDescription> found = new LinkedHashMap<>();
    var answers =
        admin
            .describeTopics(
                contracts.names(),
                new DescribeTopicsOptions()
                    .includeAuthorizedOperations(true)
                    .timeoutMs(diagnosis.stepMs(STEP_MS)))
            .topicNameValues();
    for (String name : contracts.names()) {
      try {
        KafkaFuture<TopicDescription> answer = answers.get(name);
        if (answer != null) {
          found.put(name, await(answer, name));
        }
      } catch (UnknownTopicException e) {
        // compare() reports it
      } catch (AccessException e) {
        unseen.add(name);
        diagnosis.warning(
            "permissions",
            "no permission to describe " + name,
            "If a program here uses it, grant that: kafka-acls.sh --add --operation Describe"
                + " --topic "
                + name);
      }
    }
    return found;
  }

  private void rights(Admin admin, Map<String, TopicDescription> topics) {
    List<String> lacking = new ArrayList<>();
    boolean reported = false;
    for (TopicDescription topic : topics.values()) {
      Set<AclOperation> allowed = topic.authorizedOperations();
      if (allowed == null || allowed.isEmpty()) {
        continue;
      }
      reported = true;
      for (AclOperation operation : NEEDED) {
        if (!allowed.contains(operation)) {
          lacking.add(topic.name());
          String name = operation.name().toLowerCase(Locale.ROOT).replace('_', ' ');
          diagnosis.warning(
              "permissions",
              "no permission to "
                  + name
                  + " "
                  + (operation == NEEDED.get(2) ? "of " : "")
                  + topic.name(),
              "If a program here needs it, grant it: kafka-acls.sh --add --operation "
                  + operation
                  + " --topic "
                  + topic.name());
        }
      }
    }
    if (!reported) {
      diagnosis.skipped(
          "permissions",
          "not checked: "
              + (topics.isEmpty() ? "no topic exists" : "the broker does not report it"));
    } else if (lacking.isEmpty()) {
      diagnosis.ok(
          "permissions",
          "read and write "
              + String.join(", ", topics.keySet())
              + (mayCreate(admin) ? "; create topics" : "; not create topics"));
    }
  }

  private boolean mayCreate(Admin admin) {
    var options =
        new DescribeClusterOptions()
            .includeAuthorizedOperations(true)
            .timeoutMs(diagnosis.stepMs(STEP_MS));
    @Nullable Set<AclOperation> allowed =
        await(admin.describeCluster(options).authorizedOperations(), null);
    return allowed != null && allowed.contains(AclOperation.CREATE);
  }

  private void compare(Set<String> present) {
    List<String> missing = new ArrayList<>();
    List<String> same = new ArrayList<>();
    KafkaSettings hurried =
        settings.toBuilder().openTimeout(Duration.ofMillis(diagnosis.stepMs(STEP_MS))).build();
    try (TopicAdmin admin = TopicAdmin.connect(hurried)) {
      for (String name : contracts.names()) {
        if (diagnosis.isOver()) {
          diagnosis.skipped("topics", name + " not checked: the time is up");
          return;
        }
        if (present.contains(name)) {
          Set<TopicDifference> differences = new LinkedHashSet<>();
          for (Topic<DynamicMessage> contract : contracts.on(name)) {
            differences.addAll(admin.compare(contract));
          }
          if (differences.isEmpty()) {
            same.add(name);
          }
          differences.forEach(this::different);
        } else if (!unseen.contains(name)) {
          missing.add(name);
        }
      }
    }
    if (!same.isEmpty()) {
      diagnosis.ok("topics", String.join(", ", same) + ": match the contracts");
    }
    if (!missing.isEmpty()) {
      diagnosis.failure(
          "topics",
          "missing: " + String.join(", ", missing),
          "Create them with ./hermes topics apply.");
    }
  }

  private void different(TopicDifference difference) {
    String actual = difference.actual() == null ? "cannot be described" : difference.actual();
    diagnosis.warning(
        "topics",
        difference.topic()
            + ": "
            + difference.setting()
            + " is "
            + actual
            + ", its contract says "
            + difference.contract(),
        Consequence.of(difference));
  }

  private void replicas(Admin admin, Map<String, TopicDescription> topics, int brokers) {
    Map<String, Integer> minimums = minimums(admin, topics.keySet());
    List<String> well = new ArrayList<>();
    for (TopicDescription topic : topics.values()) {
      Integer minimum = minimums.get(topic.name());
      if (minimum == null) {
        diagnosis.skipped("replicas", topic.name() + ": no permission to see " + MIN_ISR);
      } else if (partitionsAreWell(topic, minimum) && settingsAreWell(topic, minimum, brokers)) {
        well.add(topic.name());
      }
    }
    if (!well.isEmpty()) {
      diagnosis.ok("replicas", String.join(", ", well) + ": all in sync");
    }
  }

  private boolean partitionsAreWell(TopicDescription topic, int minimum) {
    List<String> offline = new ArrayList<>();
    List<String> refusing = new ArrayList<>();
    List<String> behind = new ArrayList<>();
    for (TopicPartitionInfo partition : topic.partitions()) {
      String number = Integer.toString(partition.partition());
      if (partition.leader() == null || partition.leader().isEmpty()) {
        offline.add(number);
      } else if (partition.isr().size() < minimum) {
        refusing.add(number);
      } else if (partition.isr().size() < partition.replicas().size()) {
        behind.add(number);
      }
    }
    if (!offline.isEmpty()) {
      diagnosis.failure(
          "replicas",
          topic.name() + ": no leader for partition " + String.join(", ", offline),
          "It cannot be written or read. Start the brokers that have it.");
    }
    if (!refusing.isEmpty()) {
      diagnosis.failure(
          "replicas",
          topic.name()
              + ": fewer replicas in sync than "
              + MIN_ISR
              + "="
              + minimum
              + " for partition "
              + String.join(", ", refusing),
          "All publishes to it are rejected. Start the brokers that are down.");
    }
    if (!behind.isEmpty()) {
      diagnosis.warning(
          "replicas",
          topic.name() + ": a replica is behind for partition " + String.join(", ", behind),
          "Check whether a broker is down; otherwise the replica catches up by itself.");
    }
    return offline.isEmpty() && refusing.isEmpty() && behind.isEmpty();
  }

  private boolean settingsAreWell(TopicDescription topic, int minimum, int brokers) {
    int replicas = topic.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0);
    if (brokers > 1 && (replicas == 1 || minimum == 1)) {
      diagnosis.warning(
          "replicas",
          topic.name() + ": " + Units.count(replicas, "replica") + ", " + MIN_ISR + "=" + minimum,
          "An acknowledged event may be on only one disk. Use 3 replicas, and " + MIN_ISR + "=2.");
      return false;
    }
    if (replicas > 1 && minimum >= replicas) {
      diagnosis.warning(
          "replicas",
          topic.name() + ": " + Units.count(replicas, "replica") + ", " + MIN_ISR + "=" + minimum,
          "A single broker that is down stops all publishing. Use one replica more than that.");
      return false;
    }
    return true;
  }

  /** The min.insync.replicas of each topic whose configuration may be read. */
  private Map<String, Integer> minimums(Admin admin, Set<String> topics) {
    List<ConfigResource> resources =
        topics.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    var options = new DescribeConfigsOptions().timeoutMs(diagnosis.stepMs(STEP_MS));
    Map<String, Integer> minimums = new LinkedHashMap<>();
    for (var answer : admin.describeConfigs(resources, options).values().entrySet()) {
      String name = answer.getKey().name();
      try {
        Config config = await(answer.getValue(), name);
        @Nullable ConfigEntry minimum = config.get(MIN_ISR);
        if (minimum != null && minimum.value() != null) {
          minimums.put(name, Integer.valueOf(minimum.value()));
        }
      } catch (AccessException e) {
        // replicas() reports it
      }
    }
    return minimums;
  }

  private <T> T await(KafkaFuture<T> future, @Nullable String topic) {
    return AdminClients.await(
        future, diagnosis.stepMs(STEP_MS), settings.bootstrapServers(), topic);
  }
}
