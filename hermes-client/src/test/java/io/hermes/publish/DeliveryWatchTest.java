package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.CapturedLog;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The first producer takes events and ends none, as Kafka's does while it has no producer id. */
@KafkaTest
class DeliveryWatchTest {

  private static final class FirstProducerHangs implements KafkaClients {

    private final KafkaClients standard = KafkaClients.standard();
    private final List<Object> clientIds = new CopyOnWriteArrayList<>();

    @Override
    public Producer<byte[], byte[]> producer(Map<String, Object> config) {
      Producer<byte[], byte[]> real = standard.producer(config);
      clientIds.add(config.get("client.id"));
      return clientIds.size() == 1 ? hanging(real) : real;
    }

    @Override
    public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
      return standard.consumer(config);
    }

    @Override
    public Admin admin(Map<String, Object> config) {
      return standard.admin(config);
    }
  }

  @Test
  void whatAProducerHoldsForeverEndsAsUnknownAndTheNextEventsAreWritten(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    FirstProducerHangs clients = new FirstProducerHangs();
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("request.timeout.ms", 500)
            .clients(clients)
            .build();
    try (CapturedLog log = new CapturedLog();
        var publisher =
            HermesPublisher.builder(topic)
                .settings(settings)
                .deliveryTimeout(Duration.ofSeconds(1))
                .open()) {
      assertThat(publisher.publish(Events.login("u", 1)))
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(PublishUnknownException.class);
      Events.publishAtLast(publisher, Events.login("u", 2));
      assertThat(clients.clientIds).hasSize(2).containsOnly(clients.clientIds.get(0));
      assertThat(log.text()).doesNotContain("InstanceAlreadyExists", "already exists");
    }
    assertThat(RawRecords.readAll(kafka, topic.name()))
        .isNotEmpty()
        .allSatisfy(
            record -> assertThat(Events.number(UserEvent.parseFrom(record.value()))).isEqualTo(2));
  }

  /** What has an outcome is Kafka's no more, however long a continuation lets it wait. */
  @Test
  void looksAtWhatKafkaHasNotEndedOnly() {
    AtomicInteger producers = new AtomicInteger();
    Supplier<Producer<byte[], byte[]>> factory =
        () -> {
          producers.incrementAndGet();
          return new MockProducer<>();
        };
    ReplaceableProducer producer =
        new ReplaceableProducer("Publisher", factory.get(), factory, Duration.ofSeconds(3));
    Admission admission = new Admission(10, 10);
    Relay relay = new Relay(admission);
    DeliveryWatch watch = watch(relay, producer);
    long nowNs = System.nanoTime();
    admission.tryEnter(1);
    relay.add(new NumberedEvent(1), null);
    watch.check(nowNs);
    watch.check(nowNs += Duration.ofMinutes(1).toNanos());
    assertThat(producers).hasValue(1);
    admission.tryEnter(1);
    watch.check(nowNs += Duration.ofSeconds(5).toNanos());
    assertThat(producers).hasValue(1);
    watch.check(nowNs += Duration.ofSeconds(2).toNanos());
    assertThat(producers).hasValue(2);
  }

  /** Acknowledged events of a bulk are counted, though nothing is delivered for them. */
  @Test
  void anAcknowledgedEventOfABulkIsProgress() {
    AtomicInteger producers = new AtomicInteger();
    Supplier<Producer<byte[], byte[]>> factory =
        () -> {
          producers.incrementAndGet();
          return new MockProducer<>();
        };
    ReplaceableProducer producer =
        new ReplaceableProducer("Publisher", factory.get(), factory, Duration.ofSeconds(3));
    Admission admission = new Admission(10, 10);
    Relay relay = new Relay(admission);
    DeliveryWatch watch = watch(relay, producer);
    admission.tryEnter(1);
    admission.tryEnter(1);
    long nowNs = System.nanoTime();
    watch.check(nowNs);
    relay.pass(1);
    watch.check(nowNs += Duration.ofMinutes(1).toNanos());
    assertThat(producers).hasValue(1);
    watch.check(nowNs + Duration.ofMinutes(1).toNanos());
    assertThat(producers).as("then nothing ended for a minute").hasValue(2);
  }

  /** The I/O thread of a producer that is closed ends, too, and that is nothing to report. */
  @Test
  void replacesAProducerWhoseIoThreadHasEndedUnlessItWasClosed() {
    try (CapturedLog log = new CapturedLog()) {
      ReplaceableProducer closed = withDeadIoThread();
      closed.close(Duration.ZERO).join();
      watch(new Relay(new Admission(10, 10)), closed).check(System.nanoTime());
      assertThat(log.lines("it is replaced")).isEmpty();

      watch(new Relay(new Admission(10, 10)), withDeadIoThread()).check(System.nanoTime());
      assertThat(log.lines("it is replaced")).hasSize(1);
    }
  }

  private static ReplaceableProducer withDeadIoThread() {
    Supplier<Producer<byte[], byte[]>> factory =
        () ->
            new MockProducer<byte[], byte[]>() {
              @Override
              public synchronized Future<RecordMetadata> send(
                  ProducerRecord<byte[], byte[]> record, Callback callback) {
                Thread io =
                    new Thread(
                        () -> callback.onCompletion(null, new KafkaException()),
                        KafkaProducer.NETWORK_THREAD_PREFIX);
                io.start();
                try {
                  io.join();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                return new CompletableFuture<>();
              }
            };
    ReplaceableProducer producer =
        new ReplaceableProducer("Publisher", factory.get(), factory, Duration.ofSeconds(3));
    producer.send(new ProducerRecord<>("some", new byte[0]), new NumberedEvent(1));
    return producer;
  }

  /** As where the leader of one partition hangs, and all others take what they are sent. */
  @Test
  void eventsThatWaitWhileOthersAreAcknowledgedAreAFaultUntilTheyEnd() {
    List<Callback> held = new CopyOnWriteArrayList<>();
    Faults faults = faults();
    ReplaceableProducer producer =
        new ReplaceableProducer(
            "Publisher",
            new MockProducer<byte[], byte[]>() {
              @Override
              public synchronized Future<RecordMetadata> send(
                  ProducerRecord<byte[], byte[]> record, Callback callback) {
                held.add(callback);
                return new CompletableFuture<>();
              }
            },
            MockProducer::new,
            Duration.ofSeconds(3));
    Admission admission = new Admission(1_000, 1_000);
    Relay relay = new Relay(admission);
    DeliveryWatch watch = watch(relay, producer, faults);
    long nowNs = System.nanoTime();
    for (int event = 0; event < 60; event++) {
      admission.tryEnter(1);
      NumberedEvent pending = new NumberedEvent(event);
      producer.send(new ProducerRecord<>("some", new byte[0]), pending);
      if (event % 3 != 0) {
        relay.add(pending, null);
        held.remove(held.size() - 1).onCompletion(null, null);
      }
      watch.check(nowNs += Duration.ofSeconds(1).toNanos());
    }
    assertThat(faults.current())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.kind()).isEqualTo(Fault.Kind.DELIVERY);
              assertThat(fault.topic()).contains("some");
              assertThat(fault.problem()).contains("Some of the events in flight to some");
            });
    held.forEach(callback -> callback.onCompletion(null, null));
    watch.check(nowNs + Duration.ofSeconds(1).toNanos());
    assertThat(faults.current()).isEmpty();
  }

  private static Faults faults() {
    return new Faults("Publisher", LoggerFactory.getLogger(DeliveryWatchTest.class));
  }

  private static DeliveryWatch watch(Relay relay, ReplaceableProducer producer) {
    return watch(relay, producer, faults());
  }

  private static DeliveryWatch watch(Relay relay, ReplaceableProducer producer, Faults faults) {
    BrokerWatch brokers =
        new BrokerWatch(
            producer::metrics, CompletableFuture::new, faults, "nowhere:1", Duration.ofHours(1));
    return new DeliveryWatch(relay, producer, brokers, faults, Duration.ofSeconds(1));
  }

  /** As a real one in this state: takes records, and gives them up only when it is closed. */
  @SuppressWarnings("unchecked")
  private static Producer<byte[], byte[]> hanging(Producer<byte[], byte[]> real) {
    List<Callback> held = new CopyOnWriteArrayList<>();
    AtomicBoolean closed = new AtomicBoolean();
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("send")) {
            if (closed.get()) {
              throw new IllegalStateException("closed");
            }
            held.add((Callback) arguments[1]);
            return new CompletableFuture<RecordMetadata>();
          }
          if (method.getName().equals("close")) {
            closed.set(true);
            Thread ioThread =
                new Thread(() -> held.forEach(c -> c.onCompletion(null, new KafkaException())));
            ioThread.start();
            ioThread.join();
          }
          return method.invoke(real, arguments);
        };
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, handler);
  }
}
