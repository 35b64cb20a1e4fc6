package io.hermes.testing;

import io.hermes.kafka.KafkaClients;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's own clients, whose producers run something on their I/O thread before each callback, as
 * an interceptor of a user does. An Error that it throws ends the thread.
 */
public final class IoThreadAction implements KafkaClients {

  private static final String ACTION = "hermes.test.action";

  private final KafkaClients standard = KafkaClients.standard();
  private volatile Runnable action = () -> {};

  /** Does nothing yet. */
  public IoThreadAction() {}

  /** What to run from now on. */
  public void set(Runnable next) {
    action = next;
  }

  /** Throws an Error once: the thread of the next callback ends. */
  public void dieOnce() {
    set(
        () -> {
          set(() -> {});
          throw new StackOverflowError("thrown by an interceptor");
        });
  }

  @Override
  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
    Map<String, Object> intercepted = new HashMap<>(config);
    intercepted.put(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG, Interceptor.class.getName());
    intercepted.put(ACTION, this);
    return standard.producer(intercepted);
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return standard.consumer(config);
  }

  @Override
  public Admin admin(Map<String, Object> config) {
    return standard.admin(config);
  }

  /** Made by Kafka. */
  public static final class Interceptor implements ProducerInterceptor<byte[], byte[]> {

    private @Nullable IoThreadAction source;

    /** Made by Kafka. */
    public Interceptor() {}

    @Override
    public void configure(Map<String, ?> configs) {
      source = (IoThreadAction) configs.get(ACTION);
    }

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
      return record;
    }

    @Override
    public void onAcknowledgement(
        @Nullable RecordMetadata metadata, @Nullable Exception exception) {
      String thread = Thread.currentThread().getName(); // that of send() for some refusals
      if (source != null && thread.startsWith(KafkaProducer.NETWORK_THREAD_PREFIX)) {
        source.action.run();
      }
    }

    @Override
    public void close() {}
  }
}
