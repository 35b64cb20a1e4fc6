package io.hermes.testing;

import io.hermes.kafka.KafkaClients;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/** Kafka's own clients; around each call of a producer runs what a test has to say to it. */
public final class InterceptedProducers implements KafkaClients {

  /** Called around each method of a producer. */
  public interface Around {

    /**
     * Proceeds, or does not.
     *
     * @param method the method's name
     * @param arguments its arguments, which may be replaced in place
     * @param proceed calls Kafka's own producer
     */
    @Nullable Object call(String method, @Nullable Object[] arguments, Callable<Object> proceed)
        throws Exception;
  }

  private static final @Nullable Object[] NONE = {};

  private final Around around;

  public InterceptedProducers(Around around) {
    this.around = around;
  }

  @Override
  @SuppressWarnings("unchecked")
  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
    Producer<byte[], byte[]> real = KafkaClients.standard().producer(config);
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Producer.class},
            (proxy, method, given) -> {
              @Nullable Object[] arguments = given == null ? NONE : given;
              return around.call(method.getName(), arguments, () -> call(real, method, arguments));
            });
  }

  private static Object call(Object real, Method method, @Nullable Object[] arguments)
      throws Exception {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return KafkaClients.standard().consumer(config);
  }

  @Override
  public Admin admin(Map<String, Object> config) {
    return KafkaClients.standard().admin(config);
  }
}
