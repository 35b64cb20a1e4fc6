package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.kafbat.ui.serde.api.PropertyResolver;
import io.kafbat.ui.serde.api.Serde;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.tools.ToolProvider;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar with the serializer's interface of kafka-ui v1.5.0, which has a second method that the
 * API on Maven Central lacks, and which kafka-ui calls.
 */
class ProduceIT {

  private static final String JAR = System.getProperty("hermes.plugin.jar", "");
  private static final String API = "io.kafbat.ui.serde.api.";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void kafkaUiFindsTheMethodThatSetsTheHeaders() throws Exception {
    compile();
    try (URLClassLoader kafkaUi =
            new URLClassLoader(
                new URL[] {dir.toUri().toURL(), jar(Serde.class)},
                new KafkaAndPlatform(ProduceIT.class.getClassLoader()));
        PluginLoader plugin = new PluginLoader(kafkaUi)) {
      Object serde =
          plugin.loadClass(HermesSerde.class.getName()).getDeclaredConstructor().newInstance();
      configure(serde, kafkaUi);
      Headers headers = new RecordHeaders();
      byte[] key = produce(kafkaUi, serde, "KEY", "user-1", headers);
      byte[] value =
          produce(
              kafkaUi,
              serde,
              "VALUE",
              "{\"userId\":\"user-1\",\"eventType\":\"USER_LOGIN\"}",
              headers);

      assertThat(key).asString(StandardCharsets.UTF_8).isEqualTo("user-1");
      assertThat(UserEvent.parseFrom(value))
          .isEqualTo(
              UserEvent.newBuilder()
                  .setUserId("user-1")
                  .setEventType(UserEvent.EventType.USER_LOGIN)
                  .build());
      assertThat(headers.lastHeader("event-type").value()).asString().isEqualTo("USER_LOGIN");
      assertThat(headers.lastHeader("message-type").value())
          .asString()
          .isEqualTo("hermes.events.v1.UserEvent");
    }
  }

  private void compile() throws IOException {
    Path source = Files.createDirectories(dir.resolve("source"));
    Path serde =
        Files.writeString(
            source.resolve("Serde.java"),
            """
            package io.kafbat.ui.serde.api;
            public interface Serde {
              interface Serializer {
                byte[] serialize(String input);
                default byte[] serialize(String input, org.apache.kafka.common.header.Headers headers) {
                  return serialize(input);
                }
              }
            }
            """);
    Path caller =
        Files.writeString(
            source.resolve("Caller.java"),
            """
            public class Caller {
              public static byte[] call(Object s, String i, org.apache.kafka.common.header.Headers h) {
                return ((io.kafbat.ui.serde.api.Serde.Serializer) s).serialize(i, h);
              }
            }
            """);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                dir.toString(),
                "-cp",
                Path.of(path(Headers.class)).toString(),
                serde.toString(),
                caller.toString());
    assertThat(result).isZero();
    // Only the nested interface is ours; the rest is that of Maven Central.
    Files.delete(dir.resolve(API.replace('.', '/') + "Serde.class"));
  }

  private static void configure(Object serde, ClassLoader kafkaUi) throws Exception {
    Class<?> resolver = kafkaUi.loadClass(PropertyResolver.class.getName());
    Object none =
        Proxy.newProxyInstance(
            kafkaUi, new Class<?>[] {resolver}, (proxy, method, arguments) -> Optional.empty());
    serde
        .getClass()
        .getMethod("configure", resolver, resolver, resolver)
        .invoke(serde, none, none, none);
  }

  private static byte[] produce(
      ClassLoader kafkaUi, Object serde, String target, String input, Headers headers)
      throws Exception {
    Class<?> targets = kafkaUi.loadClass(API + "Serde$Target");
    Object serializer =
        serde
            .getClass()
            .getMethod("serializer", String.class, targets)
            .invoke(serde, "user.events", targets.getField(target).get(null));
    Method call =
        kafkaUi.loadClass("Caller").getMethod("call", Object.class, String.class, Headers.class);
    try {
      return (byte[]) call.invoke(null, serializer, input, headers);
    } catch (InvocationTargetException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private static URL jar(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  private static String path(Class<?> type) {
    return jar(type).getPath();
  }

  /** Kafka's headers, which kafka-ui and this test share, and nothing else of this test. */
  private static final class KafkaAndPlatform extends ClassLoader {

    private final ClassLoader tests;

    KafkaAndPlatform(ClassLoader tests) {
      super(ClassLoader.getPlatformClassLoader());
      this.tests = tests;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("org.apache.kafka.common.")) {
        return tests.loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }

  /** Child first, as that of kafka-ui. */
  private static final class PluginLoader extends URLClassLoader {

    PluginLoader(ClassLoader parent) throws IOException {
      super(new URL[] {Path.of(JAR).toUri().toURL()}, parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = name.startsWith("java.") ? findSystemClass(name) : findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        try {
          return findClass(name);
        } catch (ClassNotFoundException e) {
          return super.loadClass(name, resolve);
        }
      }
    }
  }
}
