package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testing.CapturedLog;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which client ids Kafka's clients have, as the JVM's MBean server knows them. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // clients that are only open
class ClientIdsTest {

  private final String prefix = "billing-" + UUID.randomUUID();

  @Test
  void clientsOfAnApplicationHaveIdsOfTheirOwnThatSayWhatTheyAre(Kafka kafka) throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .property("client.id", prefix)
            .build();
    try (CapturedLog log = new CapturedLog();
        var first = HermesPublisher.builder(topic).settings(settings).open();
        var second = HermesPublisher.builder(topic).settings(settings).open();
        var reader = HermesReader.builder(topic).settings(settings).open();
        HermesSubscriber subscriber = failing(topic, "of-" + prefix, settings, first);
        HermesSubscriber other = failing(topic, "other-" + prefix, settings, second);
        TopicAdmin admin = TopicAdmin.connect(settings)) {
      assertThat(registered("producer"))
          .containsExactly(
              prefix + "-dlt-1",
              prefix + "-dlt-2",
              prefix + "-publisher-1",
              prefix + "-publisher-2");
      assertThat(registered("consumer"))
          .containsExactly(
              prefix + "-reader-1", prefix + "-subscriber-1", prefix + "-subscriber-2");
      assertThat(registered("admin.client", 3))
          .hasSize(3) // of two subscribers, and the one here; those of a start are closed
          .allMatch(id -> id.startsWith(prefix + "-admin-"));
      assertThat(log.text())
          .doesNotContain("InstanceAlreadyExists")
          .doesNotContain("already exists");
    }
    assertThat(registered("producer", 0)).isEmpty();
    assertThat(registered("consumer", 0)).isEmpty();
    assertThat(registered("admin.client", 0)).isEmpty();
  }

  @Test
  void withoutAConfiguredClientIdASubscribersClientsAreNamedAfterItsGroup(Kafka kafka)
      throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open();
        HermesSubscriber subscriber = failing(topic, prefix, settings, publisher)) {
      assertThat(registered("consumer")).containsExactly(prefix + "-subscriber-1");
      assertThat(registered("producer")).containsExactly(prefix + "-dlt-1");
      assertThat(registered("admin.client", 1)).containsExactly(prefix + "-admin-1");
    }
  }

  /** A subscriber that has written a dead letter. */
  private static HermesSubscriber failing(
      Topic<UserEvent> topic,
      String group,
      KafkaSettings settings,
      HermesPublisher<UserEvent> publisher)
      throws Exception {
    CountDownLatch deadLettered = new CountDownLatch(1);
    HermesSubscriber subscriber =
        HermesSubscriber.builder(topic)
            .group(group)
            .settings(settings)
            .onError(ErrorPolicy.retry(1))
            .listener(
                new SubscriberListener() {
                  @Override
                  public void deadLettered(EventRecord<?> record, Throwable cause) {
                    deadLettered.countDown();
                  }
                })
            .start(
                delivery -> {
                  throw new IllegalStateException("no account");
                });
    publisher.publishAndWait(Events.login("u", 1), Duration.ofSeconds(10));
    assertThat(deadLettered.await(30, TimeUnit.SECONDS)).isTrue();
    return subscriber;
  }

  /** Waits for so many: an admin client may end a moment after its close() has returned. */
  private Set<String> registered(String client, int count) throws Exception {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Set<String> ids = registered(client);
    while (ids.size() != count && System.nanoTime() - deadlineNs < 0) {
      LockSupport.parkNanos(10_000_000);
      ids = registered(client);
    }
    return ids;
  }

  private Set<String> registered(String client) throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("kafka." + client + ":type=app-info,id=*"), null)
        .stream()
        .map(name -> name.getKeyProperty("id"))
        .filter(id -> id.contains(prefix))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void numbersCountForEachPrefixAndRole() {
    Map<String, Object> configured = new HashMap<>(Map.of("client.id", prefix));
    assertThat(ClientIds.assign(configured, "publisher")).isEqualTo(prefix + "-publisher-1");
    assertThat(configured).containsEntry("client.id", prefix + "-publisher-1");
    assertThat(ClientIds.assign(new HashMap<>(Map.of("client.id", prefix)), "publisher"))
        .isEqualTo(prefix + "-publisher-2");
    assertThat(ClientIds.assign(new HashMap<>(Map.of("client.id", prefix)), "reader"))
        .isEqualTo(prefix + "-reader-1");
    // As if a user had taken an id of ours for the application's name.
    assertThat(ClientIds.assign(configured, "publisher"))
        .isEqualTo(prefix + "-publisher-1-publisher-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void aBlankClientIdIsNone(String blank) {
    assertThat(ClientIds.assign(new HashMap<>(Map.of("client.id", blank)), "publisher"))
        .startsWith("hermes-publisher-");
    assertThat(ClientIds.assign(new HashMap<>(), "publisher")).startsWith("hermes-publisher-");
    KafkaSettings settings = KafkaSettings.builder().property("client.id", blank).build();
    assertThat(ClientIds.ofGroup(settings, "invoices").adminProperties(Map.of()))
        .containsEntry("client.id", "invoices");
  }
}
