package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.ContractException;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an inbox does on every database. */
@Timeout(60)
abstract class InboxContract {

  private static final Topic<UserEvent> TOPIC = Topic.of(UserEvent.class);

  private final DataSource source;
  private final Inbox inbox = Inbox.of("billing-" + UUID.randomUUID());

  InboxContract(DataSource source) {
    this.source = source;
  }

  private Connection begin() throws SQLException {
    Connection connection = source.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private static Delivery<UserEvent> delivery(String id) {
    return Delivery.of(TOPIC, Users.event("ann", id));
  }

  private boolean once(Inbox to, String id, Runnable effect) throws SQLException {
    try (Connection connection = begin()) {
      boolean first = to.once(delivery(id), connection, effect::run);
      connection.commit();
      return first;
    }
  }

  @Test
  void aRedeliveryHasNoSecondEffect() throws Exception {
    AtomicInteger effects = new AtomicInteger();
    String id = UUID.randomUUID().toString();
    assertThat(once(inbox, id, effects::incrementAndGet)).isTrue();
    assertThat(once(inbox, id, effects::incrementAndGet)).isFalse();
    assertThat(effects).hasValue(1);
  }

  @Test
  void eachConsumerHasItsOwnEffect() throws Exception {
    String id = UUID.randomUUID().toString();
    assertThat(once(inbox, id, () -> {})).isTrue();
    assertThat(once(Inbox.of("shipping-" + UUID.randomUUID()), id, () -> {})).isTrue();
  }

  @Test
  void afterARollbackTheEventCountsAsNotHandled() throws Exception {
    String id = UUID.randomUUID().toString();
    try (Connection connection = begin()) {
      assertThatThrownBy(
              () ->
                  inbox.once(
                      delivery(id),
                      connection,
                      () -> {
                        throw new java.io.IOException("no");
                      }))
          .isInstanceOf(java.io.IOException.class);
      connection.rollback();
    }
    assertThat(once(inbox, id, () -> {})).isTrue();
  }

  @Test
  void aSecondDeliveryWaitsForTheFirstOnesTransaction() throws Exception {
    String id = UUID.randomUUID().toString();
    AtomicInteger effects = new AtomicInteger();
    CompletableFuture<Boolean> second;
    try (Connection first = begin()) {
      inbox.once(delivery(id), first, effects::incrementAndGet);
      second =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return once(inbox, id, effects::incrementAndGet);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> second.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      first.commit();
    }
    assertThat(second.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(effects).hasValue(1);
  }

  @Test
  void aBatchHasTheEffectOfWhatIsNewInItsOrder() throws Exception {
    String prefix = UUID.randomUUID().toString();
    once(inbox, prefix + "b", () -> {});
    List<String> applied = new ArrayList<>();
    List<Delivery<UserEvent>> batch =
        List.of(
            delivery(prefix + "c"),
            delivery(prefix + "b"),
            delivery(prefix + "a"),
            delivery(prefix + "c"));
    try (Connection connection = begin()) {
      int fresh =
          inbox.once(
              batch,
              connection,
              some -> some.forEach(one -> applied.add(one.event().getEventId())));
      connection.commit();
      assertThat(fresh).isEqualTo(2);
    }
    assertThat(applied).containsExactly(prefix + "c", prefix + "a");
  }

  @Test
  void aBatchOfWhatWasHandledHasNoEffect() throws Exception {
    String id = UUID.randomUUID().toString();
    once(inbox, id, () -> {});
    try (Connection connection = begin()) {
      int fresh =
          inbox.once(
              List.of(delivery(id)),
              connection,
              some -> {
                throw new AssertionError("called");
              });
      assertThat(fresh).isZero();
      connection.rollback();
    }
  }

  @Test
  void theTransactionGoesOnAfterARedelivery() throws Exception {
    String id = UUID.randomUUID().toString();
    String other = UUID.randomUUID().toString();
    once(inbox, id, () -> {});
    try (Connection connection = begin()) {
      assertThat(inbox.once(delivery(id), connection, () -> {})).isFalse();
      assertThat(inbox.once(delivery(other), connection, () -> {})).isTrue();
      connection.commit();
    }
    assertThat(once(inbox, other, () -> {})).isFalse();
  }

  @Test
  void anEventWithoutAnIdIsRefused() throws Exception {
    try (Connection connection = begin()) {
      assertThatThrownBy(() -> inbox.once(delivery(""), connection, () -> {}))
          .isInstanceOf(ContractException.class)
          .hasMessageContaining("empty event_id");
    }
  }

  @Test
  void aConnectionThatCommitsByItselfIsRefused() throws Exception {
    try (Connection connection = source.getConnection()) {
      assertThatThrownBy(() -> inbox.once(delivery("1"), connection, () -> {}))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("Call setAutoCommit(false)");
    }
  }

  @Test
  void aPurgeDeletesOldMarksOnly() throws Exception {
    String id = UUID.randomUUID().toString();
    once(inbox, id, () -> {});
    Inbox.purge(source, Duration.ofHours(1));
    assertThat(once(inbox, id, () -> {})).isFalse();

    try (Connection connection = begin()) {
      List<Delivery<UserEvent>> many = new ArrayList<>();
      for (int i = 0; i < 2_500; i++) {
        many.add(delivery(id + i));
      }
      inbox.once(many, connection, some -> {});
      connection.commit();
    }
    assertThat(Inbox.purge(source, Duration.ofSeconds(-10))).isGreaterThanOrEqualTo(2_501);
    assertThat(once(inbox, id, () -> {})).isTrue();
  }
}
