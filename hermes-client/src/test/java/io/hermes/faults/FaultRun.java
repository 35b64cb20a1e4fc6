package io.hermes.faults;

import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testing.Child;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.KafkaCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Three brokers, a publisher and a group of three members, each in a JVM of its own, and faults at
 * random: one after the other, each for some seconds, in turns of all and of clients alone. At the
 * end all is healed, the publisher ends, and the members have a minute to handle the rest.
 */
final class FaultRun implements AutoCloseable {

  /** What happens to a process. */
  enum Fault {
    BROKER_KILLED(true),
    BROKER_PAUSED(true),
    TWO_BROKERS_KILLED(true),
    BROKERS_ROLLED(true),
    MEMBER_KILLED(false),
    MEMBER_PAUSED(false),
    MEMBER_ROLLED(false),
    PUBLISHER_KILLED(false),
    PUBLISHER_PAUSED(false);

    private static final List<Fault> ALL = List.of(values());
    private static final List<Fault> OF_CLIENTS =
        ALL.stream().filter(fault -> !fault.ofBrokers).toList();

    private final boolean ofBrokers;

    Fault(boolean ofBrokers) {
      this.ofBrokers = ofBrokers;
    }

    boolean isOfBrokers() {
      return ofBrokers;
    }
  }

  /** A fault and when it was; of a JVM that was paused with its history, else null. */
  record Injected(Fault fault, long fromMs, long untilMs, @Nullable Path paused) {}

  private static final int MEMBERS = 3;
  private static final int PARTITIONS = 6;
  private static final String GROUP = "handlers";

  /** Every second phase leaves the brokers alone: then each member knows what it has. */
  private static final long PHASE_NS = TimeUnit.SECONDS.toNanos(30);

  private final Path directory;
  private final Random random;
  private final String protocol;
  private final KafkaCluster kafka;
  private final BrokerFaults brokers;
  private final String topic;
  private final Path end;
  private final List<Child> members = new ArrayList<>();
  private final List<Path> memberHistories = new ArrayList<>();
  private final List<Path> publisherHistories = new ArrayList<>();
  private final List<Injected> injected = new ArrayList<>();
  private Child publisher;

  /**
   * Starts all.
   *
   * @param protocol the members' {@code group.protocol}
   */
  FaultRun(Path directory, long seed, String protocol) throws IOException {
    this.directory = directory;
    this.random = new Random(seed);
    this.protocol = protocol;
    this.kafka = BrokerFaults.cluster().start();
    this.brokers = new BrokerFaults(kafka, random);
    this.topic = kafka.uniqueTopic("faults", PARTITIONS);
    this.end = directory.resolve("end");
    this.publisher = launchPublisher();
    for (int i = 0; i < MEMBERS; i++) {
      members.add(launchMember());
    }
  }

  private Child launchPublisher() throws IOException {
    Child launched =
        PublisherMain.launch(
            kafka.bootstrapServers(), topic, directory, publisherHistories.size(), end);
    publisherHistories.add(launched.history());
    return launched;
  }

  private Child launchMember() throws IOException {
    Path history = directory.resolve("member-" + memberHistories.size());
    memberHistories.add(history);
    return Child.launch(
        MemberMain.class,
        history,
        kafka.bootstrapServers(),
        topic,
        GROUP,
        protocol,
        history.toString());
  }

  /** Faults for so long, then healing, then what the histories say. */
  Histories run(Duration duration) throws Exception {
    sleep(10_000); // until they are at work
    long startNs = System.nanoTime();
    for (long ns = 0; ns < duration.toNanos(); ns = System.nanoTime() - startNs) {
      inject(anyOf(ns / PHASE_NS % 2 == 0 ? Fault.ALL : Fault.OF_CLIENTS));
      sleep(random.nextInt(6_000));
    }
    Files.createFile(end);
    publisher.awaitEnd();
    Duration recovery = awaitAllCommitted();
    for (Child member : members) {
      member.terminate();
    }
    return new Histories(
        RawRecords.readAll(kafka, topic),
        RawRecords.readAll(kafka, DeadLetterHeaders.topicOf(topic)),
        publisherHistories,
        memberHistories,
        injected,
        recovery);
  }

  private void inject(Fault fault) throws Exception {
    long fromMs = System.currentTimeMillis();
    Path paused = null;
    switch (fault) {
      case BROKER_KILLED -> brokers.kill(brokers.any(), this::meanwhile);
      case BROKER_PAUSED -> brokers.pause(brokers.any(), this::meanwhile);
      case TWO_BROKERS_KILLED -> brokers.killTwo(this::meanwhile);
      case BROKERS_ROLLED -> brokers.roll();
      case MEMBER_KILLED -> {
        int member = random.nextInt(MEMBERS);
        members.get(member).kill();
        sleep(random.nextInt(8_000));
        members.set(member, launchMember());
      }
      case MEMBER_PAUSED -> paused = pause(members.get(random.nextInt(MEMBERS)));
      case MEMBER_ROLLED -> {
        int member = random.nextInt(MEMBERS);
        members.get(member).terminate();
        members.set(member, launchMember());
      }
      case PUBLISHER_KILLED -> {
        publisher.kill();
        publisher = launchPublisher();
      }
      case PUBLISHER_PAUSED -> paused = pause(publisher);
      default -> throw new IllegalStateException(fault.toString());
    }
    injected.add(new Injected(fault, fromMs, System.currentTimeMillis(), paused));
  }

  private Fault anyOf(List<Fault> some) {
    return some.get(random.nextInt(some.size()));
  }

  /** What goes on while a broker is away: time, and sometimes a fault of somebody else. */
  private void meanwhile() throws Exception {
    sleep(random.nextInt(8_000));
    if (random.nextBoolean()) {
      inject(anyOf(Fault.OF_CLIENTS));
    }
  }

  private Path pause(Child child) throws Exception {
    child.signal("STOP");
    sleep(1_000 + random.nextInt(14_000));
    child.signal("CONT");
    return child.history();
  }

  private Duration awaitAllCommitted() throws Exception {
    long startNs = System.nanoTime();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      while (committed(admin) < written(admin)) {
        if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(60)) {
          throw new AssertionError(
              committed(admin) + " of " + written(admin) + " are committed a minute after the end");
        }
        sleep(100);
      }
    }
    return Duration.ofNanos(System.nanoTime() - startNs);
  }

  private static long committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets(GROUP)
        .partitionsToOffsetAndMetadata()
        .get()
        .values()
        .stream()
        .mapToLong(committed -> committed.offset())
        .sum();
  }

  private long written(Admin admin) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    return admin.listOffsets(ends).all().get().values().stream()
        .mapToLong(info -> info.offset())
        .sum();
  }

  private static void sleep(long ms) throws InterruptedException {
    Thread.sleep(ms);
  }

  @Override
  public void close() {
    publisher.kill();
    for (Child member : members) {
      member.kill();
    }
    kafka.close();
  }
}
