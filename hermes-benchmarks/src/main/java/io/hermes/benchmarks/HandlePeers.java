package io.hermes.benchmarks;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.MessageListener;
import reactor.core.Disposable;
import reactor.kafka.receiver.KafkaReceiver;
import reactor.kafka.receiver.ReceiverOptions;

/**
 * Other libraries, with their defaults: {@code spring:8} (a listener container with eight
 * consumers), {@code reactor} (a receiver that acknowledges what was polled), {@code
 * parallel:KEY:64} (parallel-consumer with its order and concurrency).
 */
final class HandlePeers {

  private HandlePeers() {}

  /** Starts a peer; closing the result stops it. */
  static AutoCloseable start(
      List<String> name,
      Map<String, Object> consumer,
      String topic,
      Consumer<ConsumerRecord<byte[], byte[]>> handler) {
    return switch (name.get(0)) {
      case "spring" -> spring(consumer, topic, handler, Integer.parseInt(name.get(1)));
      case "reactor" -> reactor(consumer, topic, handler);
      case "parallel" ->
          parallel(
              consumer,
              topic,
              handler,
              ProcessingOrder.valueOf(name.get(1)),
              Integer.parseInt(name.get(2)));
      default -> throw new IllegalArgumentException(name.toString());
    };
  }

  private static AutoCloseable spring(
      Map<String, Object> consumer,
      String topic,
      Consumer<ConsumerRecord<byte[], byte[]>> handler,
      int consumers) {
    ContainerProperties properties = new ContainerProperties(topic);
    MessageListener<byte[], byte[]> listener = handler::accept;
    properties.setMessageListener(listener);
    var container =
        new ConcurrentMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(consumer), properties);
    container.setConcurrency(consumers);
    container.start();
    return container::stop;
  }

  private static AutoCloseable reactor(
      Map<String, Object> consumer,
      String topic,
      Consumer<ConsumerRecord<byte[], byte[]>> handler) {
    ReceiverOptions<byte[], byte[]> options =
        ReceiverOptions.<byte[], byte[]>create(consumer).subscription(List.of(topic));
    Disposable running =
        KafkaReceiver.create(options)
            .receiveAutoAck() // receive() needs a constructor that kafka-clients 4 does not have
            .concatMap(polled -> polled)
            .subscribe(handler);
    return running::dispose;
  }

  private static AutoCloseable parallel(
      Map<String, Object> consumer,
      String topic,
      Consumer<ConsumerRecord<byte[], byte[]>> handler,
      ProcessingOrder order,
      int concurrency) {
    ParallelConsumerOptions<byte[], byte[]> options =
        ParallelConsumerOptions.<byte[], byte[]>builder()
            .consumer(new KafkaConsumer<>(consumer))
            .ordering(order)
            .maxConcurrency(concurrency)
            .build();
    ParallelStreamProcessor<byte[], byte[]> processor =
        ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(topic));
    processor.poll(context -> handler.accept(context.getSingleConsumerRecord()));
    return () -> processor.closeDontDrainFirst(Duration.ofSeconds(10));
  }
}
