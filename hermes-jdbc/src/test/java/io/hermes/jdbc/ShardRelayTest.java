package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.UnknownTopicException;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.BulkResult;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay's steps, against a Kafka whose outcomes a seed decides. */
class ShardRelayTest {

  private final DataSource source =
      H2Test.source("jdbc:h2:mem:shard-" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
  private final OutboxTable table = new OutboxTable(source);
  private final RelayCounts counts = new RelayCounts();

  /** A topic that sometimes rejects, sometimes loses its answers, and sometimes is full. */
  private static final class FickleKafka implements ShardRelay.Way {

    private final Random random;
    private final double trouble;
    final Map<String, List<String>> written = new HashMap<>(); // by key
    final Set<String> rejected = new HashSet<>();

    FickleKafka(Random random, double trouble) {
      this.random = random;
      this.trouble = trouble;
    }

    @Override
    public CompletableFuture<BulkResult> publishAll(
        Iterator<ProducerRecord<byte[], byte[]>> records) {
      List<BulkResult.Failure> failures = new ArrayList<>();
      long taken = 0;
      while (records.hasNext()) {
        if (random.nextDouble() < trouble / 20) {
          break; // no room
        }
        ProducerRecord<byte[], byte[]> record = records.next();
        PublishException failure = outcome(record);
        if (failure != null) {
          failures.add(new BulkResult.Failure(taken, failure));
        }
        taken++;
      }
      return CompletableFuture.completedFuture(
          new BulkResult(taken, taken - failures.size(), failures, Optional.empty()));
    }

    private @Nullable PublishException outcome(ProducerRecord<byte[], byte[]> record) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      String value = new String(record.value(), StandardCharsets.UTF_8);
      List<String> ofKey = written.computeIfAbsent(key, unknown -> new ArrayList<>());
      if (value.endsWith("poison")) {
        rejected.add(value);
        return new PublishRejectedException(
            "Rejected.", null, new HermesException("Too large.", null), false, record.topic());
      }
      if (random.nextDouble() >= trouble) {
        ofKey.add(value);
        return null;
      }
      return switch (random.nextInt(3)) {
        case 0 -> new PublishRejectedException("Later.", null, null, true, record.topic());
        case 1 -> new PublishUnknownException("Lost.", null, null, record.topic());
        default -> {
          ofKey.add(value);
          yield new PublishUnknownException("Written, nobody knows.", null, null, record.topic());
        }
      };
    }
  }

  private ShardRelay relay(ShardRelay.Way way, int shard, boolean hold) {
    return relay(table, way, new Lease(table, shard, "test", Duration.ofMinutes(1)), hold);
  }

  private ShardRelay relay(OutboxTable table, ShardRelay.Way way, Lease lease, boolean hold) {
    return new ShardRelay(
        "Test", table, lease, way, ClusterNames.of(KafkaSettings.of("localhost:1")), counts, hold);
  }

  private void insert(String key, String value) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            "orders", key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    Row row = Row.of(record);
    try (Connection connection = source.getConnection();
        var statement = connection.prepareStatement(Database.H2.insert(false))) {
      row.write(statement, 1, 0, value);
      statement.executeUpdate();
    }
  }

  private long rows() throws Exception {
    try (Connection connection = source.getConnection()) {
      return Users.count(connection, "hermes_outbox");
    }
  }

  /** Whatever the outcomes are: all is published, first occurrences are in order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void allIsPublishedInOrderWhateverTheOutcomesAre(long seed) throws Exception {
    Random random = new Random(seed);
    FickleKafka kafka = new FickleKafka(random, 0.1);
    ShardRelay relay = relay(kafka, 0, true);
    Map<String, List<String>> expected = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      String key = "key-" + random.nextInt(10);
      insert(key, key + "/" + i);
      expected.computeIfAbsent(key, unknown -> new ArrayList<>()).add(key + "/" + i);
      if (random.nextInt(20) == 0) {
        relay.step();
      }
    }
    Users.await(
        "all is published",
        () -> {
          relay.step();
          return rows() == 0;
        });
    kafka.written.replaceAll((key, values) -> List.copyOf(new LinkedHashSet<>(values)));
    assertThat(kafka.written).isEqualTo(expected);
    assertThat(counts.snapshot().published()).isEqualTo(300);
    assertThat(counts.snapshot().unknown()).isPositive();
  }

  @Test
  void aParkedRowHoldsLaterOnesOfItsKey() throws Exception {
    FickleKafka kafka = new FickleKafka(new Random(1), 0);
    ShardRelay relay = relay(kafka, 0, true);
    for (String value : List.of("a/1", "a/2 poison", "a/3", "b/1")) {
      insert(value.substring(0, 1), value);
    }
    relay.step();
    relay.step();
    assertThat(kafka.written.get("a")).containsExactly("a/1");
    assertThat(kafka.written.get("b")).containsExactly("b/1");
    assertThat(relay.step()).isEqualTo(ShardRelay.Step.IDLE);

    try (Connection connection = source.getConnection()) {
      ParkedEvents.drop(connection, ParkedEvents.list(connection, 1).get(0).id());
    }
    relay.step();
    assertThat(kafka.written.get("a")).containsExactly("a/1", "a/3");
    assertThat(rows()).isZero();
  }

  @Test
  void aParkedRowDoesNotHoldLaterOnesIfSoConfigured() throws Exception {
    FickleKafka kafka = new FickleKafka(new Random(1), 0);
    ShardRelay relay = relay(kafka, 0, false);
    for (String value : List.of("a/1", "a/2 poison", "a/3")) {
      insert("a", value);
    }
    relay.step();
    assertThat(kafka.written.get("a")).containsExactly("a/1", "a/3");
    assertThat(rows()).isEqualTo(1);
  }

  /** Somebody creates the topic or grants the right, and the event is as good as before. */
  @Test
  void whatIsMissingOrClosedIsNoReasonToPark() throws Exception {
    Lease lease = new Lease(table, 0, "test", Duration.ofMinutes(1));
    for (HermesException why :
        Arrays.asList(
            new UnknownTopicException("orders", "There is no topic.", "Create it.", null),
            new AccessException("There is no right.", null, null),
            null)) { // as while the relay closes
      PublishException failure =
          new PublishRejectedException("Rejected.", null, why, false, "orders");
      ShardRelay.Way refusing =
          records -> {
            records.next();
            return CompletableFuture.completedFuture(
                new BulkResult(
                    1, 0, List.of(new BulkResult.Failure(0, failure)), Optional.empty()));
          };
      insert("a", "a/1");
      assertThat(relay(table, refusing, lease, true).step()).isEqualTo(ShardRelay.Step.WORKED);
      try (Connection connection = source.getConnection()) {
        assertThat(ParkedEvents.list(connection, 1)).isEmpty();
      }
      FickleKafka kafka = new FickleKafka(new Random(1), 0);
      relay(table, kafka, lease, true).step();
      assertThat(kafka.written.get("a")).containsExactly("a/1");
    }
  }

  /** While a broker is away no other relay takes over, which would publish the same rows again. */
  @Test
  void theLeaseIsKeptWhileReceiptsAreAwaited() throws Exception {
    CompletableFuture<BulkResult> receipts = new CompletableFuture<>();
    ShardRelay.Way slow =
        records -> {
          records.forEachRemaining(record -> {});
          return receipts;
        };
    Duration time = Duration.ofSeconds(3);
    ShardRelay relay = relay(table, slow, new Lease(table, 0, "slow", time), true);
    insert("a", "a/1");
    CompletableFuture<ShardRelay.Step> step =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return relay.step();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Lease other = new Lease(table, 0, "other", time);
    Users.await("it has the lease", () -> isOwned("slow"));
    long endNs = System.nanoTime() + time.multipliedBy(2).toNanos();
    while (System.nanoTime() - endNs < 0) {
      assertThat(other.ensure()).isFalse();
    }
    receipts.complete(new BulkResult(1, 1, List.of(), Optional.empty()));
    assertThat(step.get()).isEqualTo(ShardRelay.Step.WORKED);
    assertThat(rows()).isZero();
  }

  private boolean isOwned(String owner) throws Exception {
    try (Connection connection = source.getConnection()) {
      return Users.count(connection, "hermes_outbox_shard WHERE owner = '" + owner + "'") == 1;
    }
  }

  @Test
  void whatWasPublishedBeforeTheDatabaseFailedIsNotPublishedAgain() throws Exception {
    AtomicBoolean down = new AtomicBoolean();
    OutboxTable failing =
        new OutboxTable(
            (DataSource)
                Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (proxy, method, arguments) -> {
                      if (down.get()) {
                        throw new SQLException("The connection was refused.", "08001");
                      }
                      return source.getConnection();
                    }));
    FickleKafka kafka = new FickleKafka(new Random(1), 0);
    ShardRelay.Way thenDown =
        records -> {
          down.set(true);
          return kafka.publishAll(records);
        };
    Lease lease = new Lease(failing, 0, "test", Duration.ofMinutes(1));
    ShardRelay relay = relay(failing, thenDown, lease, true);
    insert("a", "a/1");
    assertThatThrownBy(relay::step).isInstanceOf(HermesException.class);
    assertThat(rows()).isEqualTo(1);
    down.set(false);
    assertThat(relay.step()).isEqualTo(ShardRelay.Step.IDLE);
    assertThat(rows()).isZero();
    assertThat(kafka.written.get("a")).containsExactly("a/1");
  }
}
