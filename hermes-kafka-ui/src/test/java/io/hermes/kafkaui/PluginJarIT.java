package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.RecordHeaders;
import io.kafbat.ui.serde.api.Serde;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The jar as kafka-ui loads it: child first, beside other versions of the libraries that it brings.
 */
class PluginJarIT {

  private static final Path JAR = Path.of(System.getProperty("hermes.plugin.jar", ""));
  private static final int THREADS = 8;
  private static final int RECORDS = 2_000;
  private static final int JAVA_17 = 61;

  @Test
  void showsEventsBesideOtherVersionsFromManyThreads() throws Exception {
    try (ParentLoader parent = new ParentLoader();
        ChildFirstLoader child = new ChildFirstLoader(JAR, parent)) {
      Class<?> parentZstd = parent.loadClass(Zstd.class.getName());
      parentZstd.getMethod("compress", byte[].class).invoke(null, (Object) new byte[100]);
      Serde serde =
          (Serde)
              child.loadClass(HermesSerde.class.getName()).getDeclaredConstructor().newInstance();
      Records.Properties none = new Records.Properties(Map.of());
      serde.configure(none, none, none);

      assertThat(child.loadClass(Zstd.class.getName())).isNotSameAs(parentZstd);
      assertThat(child.loadClass("com.google.protobuf.Message"))
          .isNotSameAs(parent.loadClass("com.google.protobuf.Message"));
      assertThat(decodeEverywhere(serde))
          .hasSize(1)
          .first()
          .asString()
          .contains("\"eventId\":\"p-1\"");
      serde.close();
    }
  }

  @Test
  void holdsWhatItNeedsAndNothingOfKafkaUi() throws Exception {
    List<String> names = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        names.add(entry.getName());
        if (entry.getName().startsWith("io/hermes/") && entry.getName().endsWith(".class")) {
          assertThat(classVersion(jar, entry)).as(entry.getName()).isLessThanOrEqualTo(JAVA_17);
        }
      }
    }

    assertThat(names)
        .contains(
            "META-INF/hermes/hermes-schema.binpb",
            "io/hermes/contract/schema/SchemaSet.class",
            "com/google/protobuf/DynamicMessage.class",
            "com/google/protobuf/util/JsonFormat.class",
            "io/hermes/Topic.class")
        .anyMatch(name -> name.startsWith("linux/amd64/libzstd-jni"))
        .anyMatch(name -> name.startsWith("linux/aarch64/libzstd-jni"))
        .noneMatch(name -> name.startsWith("io/kafbat/") || name.startsWith("org/slf4j/"))
        .noneMatch(name -> name.startsWith("org/apache/kafka/"))
        .noneMatch(name -> name.startsWith("io/hermes/events/"))
        .noneMatch(name -> name.startsWith("io/hermes/kafka/"));
  }

  private static List<String> decodeEverywhere(Serde serde) throws Exception {
    byte[] frame = Zstd.compress(Records.payment(1_000).toByteArray());
    RecordHeaders headers =
        Records.headers(
            "content-encoding", "zstd", "message-type", "hermes.events.v1.PaymentEvent");
    Serde.Deserializer deserializer = serde.deserializer("payments.events", Serde.Target.VALUE);
    Callable<List<String>> task =
        () ->
            Stream.generate(() -> deserializer.deserialize(headers, frame))
                .limit(RECORDS)
                .map(DeserializeResult::getResult)
                .distinct()
                .toList();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<String> results = new ArrayList<>();
    for (Future<List<String>> future :
        threads.invokeAll(java.util.Collections.nCopies(THREADS, task))) {
      results.addAll(future.get());
    }
    threads.shutdown();
    return results.stream().distinct().toList();
  }

  private static int classVersion(JarFile jar, JarEntry entry) throws IOException {
    try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
      in.readInt();
      in.readUnsignedShort();
      return in.readUnsignedShort();
    }
  }

  /**
   * Older protobuf and zstd-jni, and what this test and the plugin share: the serde API and Kafka's
   * headers.
   */
  private static final class ParentLoader extends URLClassLoader {

    ParentLoader() throws IOException {
      super(jars(), ClassLoader.getPlatformClassLoader());
    }

    private static URL[] jars() throws IOException {
      List<URL> urls = new ArrayList<>();
      try (Stream<Path> files = Files.list(JAR.resolveSibling("parent"))) {
        for (Path file : files.toList()) {
          urls.add(file.toUri().toURL());
        }
      }
      assertThat(urls).hasSize(2);
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      return name.startsWith("io.kafbat.ui.serde.api.")
              || name.startsWith("org.apache.kafka.common.header.")
          ? Class.forName(name)
          : super.findClass(name);
    }
  }

  private static final class ChildFirstLoader extends URLClassLoader {

    ChildFirstLoader(Path jar, ClassLoader parent) throws IOException {
      super(new URL[] {jar.toUri().toURL()}, parent);
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
