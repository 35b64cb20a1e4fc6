package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Every exception that Kafka's clients can throw, for tests that must know an answer to each. */
public final class KafkasExceptions {

  private KafkasExceptions() {}

  /** One of each concrete, public class below KafkaException in the jar of kafka-clients. */
  public static List<Exception> all()
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path jar =
        Path.of(KafkaException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Exception> exceptions = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().toList()) {
        String name = entry.getName();
        if (name.matches(
            "org/apache/kafka/(common/errors/[^$]*|(?!.*internals).*Exception)\\.class")) {
          Class<?> type = Class.forName(name.replace('/', '.').replace(".class", ""));
          if (KafkaException.class.isAssignableFrom(type)
              && !Modifier.isAbstract(type.getModifiers())
              && Modifier.isPublic(type.getModifiers())) {
            exceptions.add(instance(type));
          }
        }
      }
    }
    assertThat(exceptions).hasSizeGreaterThan(120);
    Thread.interrupted(); // InterruptException sets the flag when it is made
    return exceptions;
  }

  private static Exception instance(Class<?> type) throws ReflectiveOperationException {
    for (Constructor<?> constructor : type.getConstructors()) {
      @Nullable Object[] arguments = new @Nullable Object[constructor.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = argument(constructor.getParameterTypes()[i]);
      }
      try {
        return (Exception) constructor.newInstance(arguments);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        assertThat(e).as("tries the next constructor").isNotNull();
      }
    }
    throw new AssertionError("Cannot make a " + type);
  }

  private static @Nullable Object argument(Class<?> type) {
    if (type == String.class) {
      return "said Kafka";
    }
    if (type == Set.class) {
      return Set.of("user.events");
    }
    if (type == Map.class) {
      return Map.of();
    }
    if (type == long.class) {
      return 7L;
    }
    if (type == int.class) {
      return 7;
    }
    if (type == double.class) {
      return 7.0;
    }
    if (type == boolean.class) {
      return false;
    }
    return null;
  }
}
