package io.hermes.jdbc;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Timeouts;
import io.hermes.publish.BulkResult;
import io.hermes.publish.RecordPublisher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the rows of an {@link Outbox}. Run one in each instance of a service. Each of the eight
 * shards is published by one of them; the others stand by, and take over when that relay stops or
 * does not renew its lease in time.
 *
 * <pre>{@code
 * OutboxRelay relay = OutboxRelay.builder(dataSource).start();
 * }</pre>
 *
 * <p>A row has one of three outcomes. Acknowledged: it is deleted. Rejected because of the record
 * itself, such as its size: it is parked with the reason, and by default holds back later events of
 * its key until you retry or drop it through {@link ParkedEvents}. Unknown: it is published again,
 * with the same event id. A row rejected for any other reason, such as a broker that does not
 * respond, a missing topic or a missing ACL, is retried after 100 ms to 10 s.
 *
 * <p>Delivery is at-least-once. The events of a key are published in the order in which their
 * transactions committed, each after the previous one is acknowledged; there is no order across
 * keys. The relay needs neither message classes nor contracts.
 *
 * <p>Uses at most two connections of the source at a time and, with PostgreSQL, a third one that
 * waits for notifications. Thread-safe.
 */
public final class OutboxRelay implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");

  private final Builder config;
  private final String owner;
  private final OutboxTable table;
  private final Faults faults;
  private final RelayCounts counts = new RelayCounts();
  private final RecordPublisher publisher;
  private final ExecutorService handovers = Executors.newCachedThreadPool(OutboxRelay::handover);
  private final List<ShardThread> shards = new ArrayList<>();
  private final BacklogWatch backlog;
  private final @Nullable Notifications notifications;
  private volatile boolean closed;

  private OutboxRelay(Builder config) {
    this.config = config;
    KafkaSettings kafka =
        config.settings == null ? KafkaSettings.fromEnvironment() : config.settings;
    ClusterNames names = ClusterNames.of(kafka);
    String id = UUID.randomUUID().toString();
    this.owner = "Outbox relay " + id.substring(0, 8);
    this.table = new OutboxTable(config.source);
    this.faults = new Faults(owner, LOG);
    this.backlog = new BacklogWatch(table, faults);
    try {
      backlog.measure(); // the start fails without a database or its tables
    } catch (InterruptedException e) {
      throw OutboxTable.interrupted(e);
    }
    // A round waits for its acknowledgements, so lingering would only combine rounds of several
    // shards.
    KafkaSettings prompt =
        names.settings().producerProperties(Map.of()).containsKey("linger.ms")
            ? names.settings()
            : names.settings().toBuilder().property("linger.ms", 1).build();
    this.publisher = RecordPublisher.open(prompt, config.deliveryTimeout);
    DatabaseFault database = new DatabaseFault(faults);
    for (int shard = 0; shard < KeyHash.SHARDS; shard++) {
      Lease lease = new Lease(table, shard, owner + " " + id, config.lease);
      ShardRelay relay =
          new ShardRelay(owner, table, lease, this::publishAll, names, counts, config.hold);
      shards.add(new ShardThread(relay, lease, database, owner, config.poll, shard));
    }
    this.notifications = Notifications.of(config.source, this::wake);
  }

  /**
   * Runs off the shard's thread, which must renew the lease: looking up a topic can take seconds,
   * and waiting for room a minute.
   */
  private CompletableFuture<BulkResult> publishAll(
      Iterator<ProducerRecord<byte[], byte[]>> records) {
    return CompletableFuture.completedFuture(records)
        .thenComposeAsync(publisher::publishAll, handovers);
  }

  private static Thread handover(Runnable task) {
    Thread thread = new Thread(task, "hermes-outbox-handover");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Starts building a relay.
   *
   * @param source connections to the outbox's database
   * @return a new builder
   */
  public static Builder builder(DataSource source) {
    return new Builder(source);
  }

  private void start() {
    shards.forEach(ShardThread::start);
    backlog.start();
    if (notifications != null) {
      notifications.start();
    }
    LOG.info(
        "{}: started; lease {} s, {}",
        owner,
        config.lease.toSeconds(),
        config.hold ? "waits behind parked events" : "publishes past parked events");
  }

  /** Makes the relay poll all its shards now, without waiting for it. Call it after a commit. */
  public void wake() {
    shards.forEach(ShardThread::wake);
  }

  /**
   * Makes the relay poll one shard now, which saves a query for each of the others.
   *
   * @param shard as returned by {@link Outbox#publish(java.sql.Connection,
   *     com.google.protobuf.Message)}
   */
  public void wake(int shard) {
    if (shard >= 0 && shard < shards.size()) {
      shards.get(shard).wake();
    }
  }

  /** Returns the current health; figures from the database are a few seconds old. */
  public OutboxHealth health() {
    List<Fault> all = new ArrayList<>(faults.current());
    all.addAll(publisher.health().faults());
    OutboxBacklog last = backlog.last();
    return new OutboxHealth(
        !closed,
        shards.stream().filter(ShardThread::isActive).map(ShardThread::shard).toList(),
        last == null ? -1 : last.pending(),
        last == null ? -1 : last.parked(),
        last == null ? Optional.empty() : last.oldest().map(age -> age.plus(backlog.age())),
        counts.snapshot(),
        closed ? List.of() : all);
  }

  /**
   * Finishes what is in flight, releases the shards, and disconnects.
   *
   * @param timeout the longest wait
   */
  public void close(Duration timeout) {
    closed = true;
    long wholeNs = Timeouts.nanos(timeout);
    long deadlineNs = System.nanoTime() + wholeNs;
    // Whatever is not acknowledged by then never will be, and the threads that wait for it end.
    long publisherNs = Math.min(TimeUnit.SECONDS.toNanos(1), wholeNs / 2);
    if (notifications != null) {
      notifications.stop();
    }
    backlog.stop();
    shards.forEach(ShardThread::stop);
    await(deadlineNs - publisherNs);
    publisher.close(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
    await(deadlineNs);
    handovers.shutdown();
    LOG.info("{}: closed", owner);
  }

  /** Waits until the shards' threads have ended or the deadline has passed. */
  private void await(long deadlineNs) {
    try {
      for (ShardThread shard : shards) {
        shard.join(deadlineNs - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes within 30 seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(30));
  }

  /** Builds an {@link OutboxRelay}. Not thread-safe. */
  public static final class Builder {

    private final DataSource source;
    private @Nullable KafkaSettings settings;
    private boolean hold = true;
    private Duration lease = Duration.ofSeconds(15);
    private Duration poll = Duration.ofSeconds(1);
    private Duration deliveryTimeout = Duration.ofMinutes(2);

    private Builder(DataSource source) {
      this.source = source;
    }

    /** Sets how to connect to Kafka. Default: {@link KafkaSettings#fromEnvironment()}. */
    public Builder settings(KafkaSettings kafka) {
      this.settings = kafka;
      return this;
    }

    /**
     * Publishes later events of a key even while an earlier one is parked. Default: they wait, so
     * that no consumer sees an update of something whose creation it has not seen.
     */
    public Builder publishPastParked() {
      this.hold = false;
      return this;
    }

    /**
     * Sets how long a crashed relay keeps its shards. A running relay renews the lease after a
     * third of this time. Default: 15 seconds.
     *
     * @param time at least 3 seconds
     * @return this
     */
    public Builder lease(Duration time) {
      if (time.compareTo(Duration.ofSeconds(3)) < 0) {
        throw new SettingsException(
            "lease must be at least 3 seconds, but is " + time.toMillis() + " ms.", null);
      }
      this.lease = time;
      return this;
    }

    /**
     * Sets how often the relay polls for rows without having been woken. Default: once a second.
     *
     * @param interval at least 10 milliseconds
     * @return this
     */
    public Builder pollInterval(Duration interval) {
      if (interval.compareTo(Duration.ofMillis(10)) < 0) {
        throw new SettingsException(
            "pollInterval must be at least 10 ms, but is " + interval.toMillis() + " ms.", null);
      }
      this.poll = interval;
      return this;
    }

    /**
     * Sets how long Kafka tries to deliver a record before the relay publishes it again. At least
     * 11 seconds. Default: 120 seconds.
     */
    public Builder deliveryTimeout(Duration timeout) {
      this.deliveryTimeout = timeout;
      return this;
    }

    /**
     * Starts the relay. The database must respond; Kafka need not yet.
     *
     * @return the running relay
     * @throws HermesException if the database does not respond, or a table is missing
     */
    public OutboxRelay start() {
      OutboxRelay relay = new OutboxRelay(this);
      relay.start();
      return relay;
    }
  }
}
