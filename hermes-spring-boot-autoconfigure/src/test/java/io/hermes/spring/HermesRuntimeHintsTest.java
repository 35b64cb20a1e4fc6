package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.util.ZstdVersion;
import com.google.protobuf.Extension;
import com.google.protobuf.ExtensionRegistry;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeHint;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.ReflectionHintsPredicates;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.json.JsonParserFactory;

/** What a native image gets, by who needs it; the classes here are those of the class path. */
class HermesRuntimeHintsTest {

  private final RuntimeHints hints = new RuntimeHints();
  private final ReflectionHintsPredicates reflection = RuntimeHintsPredicates.reflection();

  HermesRuntimeHintsTest() {
    new HermesRuntimeHints().registerHints(hints, getClass().getClassLoader());
  }

  static Stream<String> madeByName() {
    return Stream.concat(
        HermesRuntimeHints.MADE_BY_KAFKA.stream(), HermesRuntimeHints.MADE_BY_THE_JDK.stream());
  }

  /** A class that a new version of Kafka has renamed or removed fails here. */
  @ParameterizedTest
  @MethodSource("madeByName")
  void whatIsMadeFromItsNameExistsAndHasItsConstructor(String name) throws Exception {
    Constructor<?> constructor =
        Class.forName(name, false, getClass().getClassLoader()).getDeclaredConstructor();
    assertThat(reflection.onConstructorInvocation(constructor)).accepts(hints);
  }

  @Test
  void theClassesThatAreKafkasDefaultsAreAmongThem() {
    Stream.of(ProducerConfig.configDef(), ConsumerConfig.configDef())
        .flatMap(definition -> definition.defaultValues().values().stream())
        .flatMap(
            value ->
                value instanceof List<?> list ? list.stream() : Stream.of(String.valueOf(value)))
        .map(value -> value instanceof Class<?> type ? type.getName() : String.valueOf(value))
        .filter(value -> value.startsWith("org.apache.kafka."))
        .forEach(name -> assertThat(HermesRuntimeHints.MADE_BY_KAFKA).contains(name));
  }

  @Test
  void theVersionOfKafkaIsThere() {
    assertThat(RuntimeHintsPredicates.resource().forResource("kafka/kafka-version.properties"))
        .accepts(hints);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2/outbox", "h2/inbox", "mariadb/outbox", "postgresql/inbox"})
  void theScriptsOfTheOutboxAndTheInboxAreThere(String script) {
    String name = "hermes/jdbc/" + script + ".sql";
    assertThat(getClass().getClassLoader().getResource(name)).isNotNull();
    assertThat(RuntimeHintsPredicates.resource().forResource(name)).accepts(hints);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linux/amd64/%s.so",
        "linux/aarch64/%s.so",
        "darwin/aarch64/%s.dylib",
        "win/amd64/%s.dll"
      })
  void theNativeLibraryOfZstdIsThere(String resource) {
    String name = resource.formatted("libzstd-jni-" + ZstdVersion.VERSION);
    assertThat(getClass().getClassLoader().getResource(name)).isNotNull();
    assertThat(RuntimeHintsPredicates.resource().forResource(name)).accepts(hints);
  }

  /** The fields whose native code finds them by name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ZstdDictCompress nativePtr",
        "ZstdDictDecompress nativePtr",
        "ZstdInputStreamNoFinalizer srcPos dstPos",
        "ZstdOutputStreamNoFinalizer srcPos dstPos",
        "BaseZstdBufferDecompressingStreamNoFinalizer consumed produced",
        "ZstdDirectBufferCompressingStreamNoFinalizer consumed produced",
        "ZstdBufferDecompressingStreamNoFinalizer",
        "ZstdDirectBufferDecompressingStreamNoFinalizer"
      })
  void nativeCodeOfZstdFindsItsFields(String typeAndFields) throws Exception {
    List<String> words = List.of(typeAndFields.split(" "));
    Class<?> type = Class.forName("com.github.luben.zstd." + words.get(0));
    TypeHint hint = Objects.requireNonNull(hints.jni().getTypeHint(type));
    List<String> fields = words.subList(1, words.size());
    assertThat(hint.fields().map(field -> field.getName()))
        .containsExactlyInAnyOrderElementsOf(fields);
    assertThat(Arrays.stream(type.getDeclaredFields()).map(field -> field.getName()))
        .containsAll(fields);
  }

  @Test
  void nativeCodeOfZstdMakesWhatItReturnsAndThrows() {
    for (String type :
        List.of(
            "com.github.luben.zstd.ZstdFrameProgression",
            "java.lang.OutOfMemoryError",
            "java.lang.RuntimeException")) {
      assertThat(hints.jni().getTypeHint(TypeReference.of(type)))
          .as(type)
          .satisfies(
              hint ->
                  assertThat(hint.getMemberCategories())
                      .contains(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS));
    }
  }

  /** Spring has no hints for calls of native code without JNI, so a file of the jar lists them. */
  @Test
  void nativeCodeOfZstdIsCalledWithoutJniFromJava22On() throws Exception {
    String file =
        "META-INF/native-image/io.hermes/hermes-spring-boot-autoconfigure/reachability-metadata.json";
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(file)) {
      assertThat(in).isNotNull();
      Map<String, Object> parsed =
          JsonParserFactory.getJsonParser()
              .parseMap(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(String.valueOf(parsed.get("foreign"))).contains("downcalls", "ZstdBinding");
    }
    // The version whose signatures the file has: compare ZstdBinding when you change it.
    assertThat(ZstdVersion.VERSION).isEqualTo("1.5.7-25");
  }

  /** Kafka loads these once a batch with that compression arrives. */
  @Test
  void lz4FindsItsInstances() throws Exception {
    for (String name :
        List.of(
            "lz4.LZ4JNICompressor",
            "lz4.LZ4HCJNICompressor",
            "lz4.LZ4JNIFastDecompressor",
            "lz4.LZ4JNISafeDecompressor",
            "lz4.LZ4JavaSafeSafeDecompressor",
            "xxhash.XXHash32JNI",
            "xxhash.StreamingXXHash64JNI$Factory")) {
      assertThat(
              reflection.onFieldAccess(
                  Class.forName("net.jpountz." + name, false, getClass().getClassLoader()),
                  "INSTANCE"))
          .accepts(hints);
    }
    assertThat(
            RuntimeHintsPredicates.resource()
                .forResource("net/jpountz/util/linux/amd64/liblz4-java.so"))
        .accepts(hints);
  }

  @Test
  void saslFindsHowToActAsASubjectAndWhyItFailed() throws Exception {
    TypeHint subject =
        Objects.requireNonNull(hints.reflection().getTypeHint(javax.security.auth.Subject.class));
    assertThat(subject.methods().map(method -> method.getName()))
        .contains("callAs", "current", "doAs", "getSubject");
    assertThat(hints.reflection().getTypeHint(TypeReference.of("sun.security.krb5.KrbException")))
        .isNotNull();
  }

  @Test
  void protobufFindsTheFullExtensionRegistry() throws Exception {
    for (Method method :
        List.of(
            ExtensionRegistry.class.getMethod("newInstance"),
            ExtensionRegistry.class.getMethod("getEmptyRegistry"),
            ExtensionRegistry.class.getMethod("add", Extension.class))) {
      assertThat(reflection.onMethodInvocation(method)).accepts(hints);
    }
  }

  @Test
  void flightRecorderFindsTheFieldsOfAllEvents() throws Exception {
    Class<?> events = Class.forName("io.hermes.subscribe.FlightEvents");
    assertThat(HermesRuntimeHints.FLIGHT_EVENTS)
        .containsAll(
            Arrays.stream(events.getDeclaredClasses())
                .filter(jdk.jfr.Event.class::isAssignableFrom)
                .map(Class::getName)
                .toList());
    for (String event : HermesRuntimeHints.FLIGHT_EVENTS) {
      assertThat(
              reflection
                  .onType(Class.forName(event))
                  .withMemberCategory(MemberCategory.ACCESS_DECLARED_FIELDS))
          .accepts(hints);
    }
  }

  @Test
  void whatIsAbsentIsLeftOut() {
    RuntimeHints without = new RuntimeHints();
    new HermesRuntimeHints().registerHints(without, ClassLoader.getPlatformClassLoader());
    assertThat(without.reflection().typeHints().map(hint -> hint.getType().getName()))
        .noneMatch(name -> name.startsWith("org.apache.kafka") || name.startsWith("io.hermes"));
  }
}
