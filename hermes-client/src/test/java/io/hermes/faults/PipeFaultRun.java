package io.hermes.faults;

import io.hermes.faults.PipeCheck.Input;
import io.hermes.faults.PipeCheck.Output;
import io.hermes.testing.Child;
import io.hermes.testkit.KafkaCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Three brokers, a publisher and three pipes of one group, each in a JVM of its own, and faults at
 * random: one after the other, each kind once before any comes again. At the end all is healed, the
 * publisher ends, and the pipes have two minutes to handle the rest.
 */
final class PipeFaultRun implements AutoCloseable {

  private enum Fault {
    BROKER_KILLED,
    BROKER_PAUSED,
    TWO_BROKERS_KILLED,
    BROKERS_ROLLED,
    GROUP_COORDINATOR_PAUSED,
    TRANSACTION_COORDINATOR_KILLED,
    PIPE_KILLED,
    PIPE_PAUSED,
    PIPE_PAUSED_BEYOND_ITS_TRANSACTION,
    PIPE_ROLLED,
    PIPE_FENCED,
    PUBLISHER_KILLED
  }

  private static final int PIPES = 3;
  private static final int PARTITIONS = 6;
  private static final String GROUP = "pipes";
  private static final long RECOVERY_NS = TimeUnit.MINUTES.toNanos(2);

  /** From this length on, chance alone does not explain that no transaction was aborted. */
  private static final long LONG_MINUTES = 5;

  private final Path directory;
  private final Random random;
  private final String protocol;
  private final KafkaCluster kafka;
  private final Admin admin;
  private final BrokerFaults brokers;
  private final PipeTopics topics;
  private final Path end;
  private final List<Child> pipes = new ArrayList<>();
  private final List<Path> logs = new ArrayList<>();
  private final List<Fault> deck = new ArrayList<>();
  private final List<String> history = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final long startMs = System.currentTimeMillis();
  private Child publisher;
  private int launched;

  /**
   * Starts all.
   *
   * @param protocol the pipes' {@code group.protocol}
   */
  PipeFaultRun(Path directory, long seed, String protocol) throws IOException {
    this.directory = directory;
    this.random = new Random(seed);
    this.protocol = protocol;
    this.kafka =
        BrokerFaults.cluster()
            .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000")
            .start();
    this.admin =
        Admin.create(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "request.timeout.ms", 5_000));
    this.brokers = new BrokerFaults(kafka, random);
    this.topics = PipeTopics.create(kafka, PARTITIONS);
    this.end = directory.resolve("end");
    this.publisher = launchPublisher();
    for (int i = 0; i < PIPES; i++) {
      pipes.add(launchPipe());
    }
  }

  private Child launchPublisher() throws IOException {
    return PublisherMain.launch(kafka.bootstrapServers(), topics.in(), directory, launched++, end);
  }

  private Child launchPipe() throws IOException {
    Path itsHistory = directory.resolve("pipe-" + launched++);
    logs.add(Path.of(itsHistory + ".log"));
    return Child.launch(
        PipeMain.class,
        itsHistory,
        kafka.bootstrapServers(),
        topics.in(),
        topics.orders(),
        topics.payments(),
        GROUP,
        protocol);
  }

  /** Faults for so long, then healing, then what is wrong. */
  List<String> run(Duration duration) throws Exception {
    Thread.sleep(10_000); // until they are at work
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < duration.toNanos()) {
      inject(next());
      Thread.sleep(random.nextInt(5_000));
      checkProcesses();
    }
    note("healed");
    Files.createFile(end);
    publisher.awaitEnd();
    await("committed", this::isCommitted);
    await("without open transactions", this::isClosed);
    note("all handled");
    checkProcesses();
    for (Child pipe : pipes) {
      pipe.terminate();
    }
    await("without open transactions", this::isClosed);
    compare(duration);
    return violations;
  }

  private Fault next() {
    if (deck.isEmpty()) {
      deck.addAll(List.of(Fault.values()));
      Collections.shuffle(deck, random);
    }
    return deck.remove(deck.size() - 1);
  }

  private void inject(Fault fault) throws Exception {
    note(fault.toString());
    switch (fault) {
      case BROKER_KILLED -> brokers.kill(brokers.any(), this::meanwhile);
      case BROKER_PAUSED -> brokers.pause(brokers.any(), this::meanwhile);
      case TWO_BROKERS_KILLED -> brokers.killTwo(this::meanwhile);
      case BROKERS_ROLLED -> brokers.roll();
      case GROUP_COORDINATOR_PAUSED ->
          brokers.pause(kafka.groupCoordinator(GROUP), this::meanwhile);
      case TRANSACTION_COORDINATOR_KILLED ->
          brokers.kill(kafka.transactionCoordinator(anyTransaction()), this::meanwhile);
      case PIPE_KILLED -> {
        int pipe = anyPipe();
        pipes.get(pipe).kill();
        Thread.sleep(random.nextInt(8_000));
        pipes.set(pipe, launchPipe());
      }
      case PIPE_PAUSED -> pause(1_000 + random.nextInt(7_000));
      case PIPE_PAUSED_BEYOND_ITS_TRANSACTION ->
          pause(PipeMain.TRANSACTION_TIMEOUT_MS + 3_000 + random.nextInt(5_000));
      case PIPE_ROLLED -> {
        int pipe = anyPipe();
        pipes.get(pipe).terminate();
        pipes.set(pipe, launchPipe());
      }
      case PIPE_FENCED -> kafka.fence(anyTransaction());
      case PUBLISHER_KILLED -> {
        publisher.kill();
        publisher = launchPublisher();
      }
      default -> throw new IllegalStateException(fault.toString());
    }
    note("  over");
  }

  /** What goes on while a broker is away: time, and sometimes a fault of a pipe. */
  private void meanwhile() throws Exception {
    Thread.sleep(random.nextInt(8_000));
    if (random.nextInt(3) == 0) {
      inject(random.nextBoolean() ? Fault.PIPE_KILLED : Fault.PIPE_PAUSED);
    }
  }

  private void pause(int ms) throws Exception {
    Child pipe = pipes.get(anyPipe());
    pipe.signal("STOP");
    Thread.sleep(ms);
    pipe.signal("CONT");
  }

  private List<String> transactions() throws Exception {
    return admin.listTransactions().all().get(30, TimeUnit.SECONDS).stream()
        .map(TransactionListing::transactionalId)
        .toList();
  }

  private int anyPipe() {
    int pipe = random.nextInt(PIPES);
    note("  " + pipes.get(pipe).history().getFileName());
    return pipe;
  }

  /** A transactional id that is in use. */
  private String anyTransaction() throws Exception {
    List<String> ids = new ArrayList<>();
    await("with transactions", () -> ids.addAll(transactions()));
    Collections.sort(ids);
    String id = ids.get(random.nextInt(ids.size()));
    note("  " + id);
    return id;
  }

  /** No JVM ends but those that this run ends. */
  private void checkProcesses() throws IOException {
    for (int i = 0; i < PIPES; i++) {
      Child pipe = pipes.get(i);
      if (!pipe.isAlive()) {
        note(pipe.history().getFileName() + " has ended");
        violations.add(pipe.history().getFileName() + " has ended by itself");
        pipes.set(i, launchPipe());
      }
    }
  }

  private interface Condition {
    boolean isMet() throws Exception;
  }

  private void await(String what, Condition condition) throws Exception {
    long startNs = System.nanoTime();
    while (!isMet(condition)) {
      if (System.nanoTime() - startNs > RECOVERY_NS) {
        violations.add("Not " + what + " after " + RECOVERY_NS / 1_000_000_000 + " s: " + state());
        return;
      }
      Thread.sleep(100);
    }
  }

  /** A broker that has just come back may fail a request. */
  private static boolean isMet(Condition condition) throws Exception {
    try {
      return condition.isMet();
    } catch (ExecutionException e) {
      return false;
    }
  }

  private boolean isCommitted() throws Exception {
    return committed().equals(ends(topics.in(), IsolationLevel.READ_UNCOMMITTED));
  }

  private boolean isClosed() throws Exception {
    for (String topic : topics.written()) {
      if (!ends(topic, IsolationLevel.READ_COMMITTED)
          .equals(ends(topic, IsolationLevel.READ_UNCOMMITTED))) {
        return false;
      }
    }
    return true;
  }

  private String state() throws Exception {
    return "committed "
        + committed()
        + " of "
        + ends(topics.in(), IsolationLevel.READ_UNCOMMITTED)
        + ", transactions "
        + transactions();
  }

  private Map<Integer, Long> committed() throws Exception {
    Map<Integer, Long> committed = new HashMap<>();
    admin
        .listConsumerGroupOffsets(GROUP)
        .partitionsToOffsetAndMetadata()
        .get(30, TimeUnit.SECONDS)
        .forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
    return committed;
  }

  private Map<Integer, Long> ends(String topic, IsolationLevel level) throws Exception {
    int partitions =
        admin
            .describeTopics(List.of(topic))
            .allTopicNames()
            .get(30, TimeUnit.SECONDS)
            .values()
            .iterator()
            .next()
            .partitions()
            .size();
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      wanted.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    Map<TopicPartition, ListOffsetsResultInfo> found =
        admin.listOffsets(wanted, new ListOffsetsOptions(level)).all().get(30, TimeUnit.SECONDS);
    Map<Integer, Long> ends = new HashMap<>();
    found.forEach((partition, info) -> ends.put(partition.partition(), info.offset()));
    return ends;
  }

  private void compare(Duration duration) throws IOException {
    List<Input> all = topics.inputs();
    long poison = all.stream().filter(Input::isPoison).count();
    List<Output> results = topics.outputs();
    List<String> deadLetters = topics.deadLetters();
    note(
        String.format(
            "%,d inputs, %,d of them poison; %,d outputs, %,d dead letters, %d aborts",
            all.size(), poison, results.size(), deadLetters.size(), aborts()));
    if (poison == 0) {
      violations.add("No input was poison, so dead letters were not tried");
    }
    if (aborts() == 0 && duration.toMinutes() >= LONG_MINUTES) {
      violations.add("No log of a pipe has an aborted transaction, so aborts were not tried");
    }
    violations.addAll(PipeCheck.violations(all, results, deadLetters));
  }

  /** How many transactions the pipes say that they have aborted. */
  private long aborts() throws IOException {
    long aborts = 0;
    for (Path log : logs) {
      try (Stream<String> lines = Files.lines(log)) {
        aborts +=
            lines.filter(line -> line.contains("aborted; its records are redelivered")).count();
      }
    }
    return aborts;
  }

  private void note(String event) {
    history.add(String.format("%7.1f s  %s", (System.currentTimeMillis() - startMs) / 1e3, event));
  }

  /** What happened, and when. */
  @Override
  public String toString() {
    return String.join("\n", history);
  }

  @Override
  public void close() {
    publisher.kill();
    for (Child pipe : pipes) {
      pipe.kill();
    }
    admin.close(Duration.ofSeconds(1));
    kafka.close();
  }
}
