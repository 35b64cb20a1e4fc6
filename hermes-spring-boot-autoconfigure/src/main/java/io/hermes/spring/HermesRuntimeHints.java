package io.hermes.spring;

import static org.springframework.aot.hint.MemberCategory.ACCESS_DECLARED_FIELDS;
import static org.springframework.aot.hint.MemberCategory.ACCESS_PUBLIC_FIELDS;
import static org.springframework.aot.hint.MemberCategory.INVOKE_DECLARED_CONSTRUCTORS;
import static org.springframework.aot.hint.MemberCategory.INVOKE_DECLARED_METHODS;
import static org.springframework.aot.hint.MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS;
import static org.springframework.aot.hint.MemberCategory.INVOKE_PUBLIC_METHODS;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * The runtime hints that a native image needs for Hermes and its libraries, independent of the
 * application's events. Classes that are absent at build time are skipped. {@link EventTypeHints}
 * adds the event types.
 */
final class HermesRuntimeHints implements RuntimeHintsRegistrar {

  private static final String KAFKA = "org.apache.kafka.";
  private static final String SECURITY = KAFKA + "common.security.";
  private static final String ZSTD = "com.github.luben.zstd.";
  private static final String LZ4 = "net.jpountz.";

  /**
   * Kafka instantiates these by their default constructor, from a class or name in the properties.
   */
  static final List<String> MADE_BY_KAFKA =
      List.of(
          // ConsumerPartitionAssignor: Hermes sets the cooperative one; properties may set others.
          KAFKA + "clients.consumer.CooperativeStickyAssignor",
          KAFKA + "clients.consumer.RangeAssignor",
          KAFKA + "clients.consumer.RoundRobinAssignor",
          KAFKA + "clients.consumer.StickyAssignor",
          // Hermes passes instances; a KafkaClients bean may pass their names instead.
          KAFKA + "common.serialization.ByteArraySerializer",
          KAFKA + "common.serialization.ByteArrayDeserializer",
          // The default of metric.reporters, which is a name.
          KAFKA + "common.metrics.JmxReporter",
          // ssl.engine.factory.class: the default of SslFactory, and ours for SSL bundles.
          SECURITY + "ssl.DefaultSslEngineFactory",
          "io.hermes.spring.BundleSslEngineFactory",
          // config.providers, which are set to read secrets from files or the environment.
          KAFKA + "common.config.provider.DirectoryConfigProvider",
          KAFKA + "common.config.provider.EnvVarConfigProvider",
          KAFKA + "common.config.provider.FileConfigProvider",
          // SaslChannelBuilder and LoginManager choose these by mechanism.
          SECURITY + "authenticator.AbstractLogin$DefaultLoginCallbackHandler",
          SECURITY + "authenticator.DefaultLogin",
          SECURITY + "authenticator.SaslClientCallbackHandler",
          SECURITY + "kerberos.KerberosClientCallbackHandler",
          SECURITY + "kerberos.KerberosLogin",
          SECURITY + "oauthbearer.OAuthBearerLoginCallbackHandler",
          SECURITY + "oauthbearer.internals.OAuthBearerRefreshingLogin",
          SECURITY + "oauthbearer.internals.OAuthBearerSaslClientCallbackHandler",
          SECURITY + "oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler",
          // sasl.oauthbearer.jwt.retriever.class and .validator.class; the defaults are names.
          SECURITY + "oauthbearer.ClientCredentialsJwtRetriever",
          SECURITY + "oauthbearer.DefaultJwtRetriever",
          SECURITY + "oauthbearer.FileJwtRetriever",
          SECURITY + "oauthbearer.JwtBearerJwtRetriever",
          SECURITY + "oauthbearer.BrokerJwtValidator",
          SECURITY + "oauthbearer.ClientJwtValidator",
          SECURITY + "oauthbearer.DefaultJwtValidator");

  /** The JDK instantiates these by name: login modules in sasl.jaas.config, and SASL providers. */
  static final List<String> MADE_BY_THE_JDK =
      List.of(
          SECURITY + "oauthbearer.OAuthBearerLoginModule",
          SECURITY + "plain.PlainLoginModule",
          SECURITY + "scram.ScramLoginModule",
          "com.sun.security.auth.module.Krb5LoginModule",
          SECURITY + "oauthbearer.internals.OAuthBearerSaslClient$OAuthBearerSaslClientFactory",
          SECURITY + "scram.internals.ScramSaslClient$ScramSaslClientFactory",
          "com.sun.security.sasl.ClientFactoryImpl", // PLAIN
          "com.sun.security.sasl.gsskerb.FactoryImpl");

  /** The Flight Recorder events of hermes-client; Flight Recorder reads their fields. */
  static final List<String> FLIGHT_EVENTS =
      List.of(
          "io.hermes.publish.PublisherWaitEvent",
          "io.hermes.subscribe.FlightEvents$OfRecord",
          "io.hermes.subscribe.FlightEvents$HandlerAttempt",
          "io.hermes.subscribe.FlightEvents$Retry",
          "io.hermes.subscribe.FlightEvents$DeadLetter",
          "io.hermes.subscribe.FlightEvents$Skip",
          "io.hermes.subscribe.FlightEvents$Rebalanced",
          "io.hermes.subscribe.FlightEvents$Committed");

  /** Registers hints for one image, skipping types that it does not contain. */
  private record Registry(RuntimeHints hints, @Nullable ClassLoader loader) {

    void type(String name, MemberCategory... members) {
      hints.reflection().registerTypeIfPresent(loader, name, members);
    }

    void types(List<String> names, MemberCategory... members) {
      names.forEach(name -> type(name, members));
    }

    /** A method that is called by reflection. */
    void method(String type, String name, String... arguments) {
      hints
          .reflection()
          .registerTypeIfPresent(
              loader,
              type,
              hint -> hint.withMethod(name, references(arguments), ExecutableMode.INVOKE));
    }

    /** A class that native code uses, with the fields that it reads and writes. */
    void nativeFields(String type, String... fields) {
      hints
          .jni()
          .registerTypeIfPresent(
              loader,
              type,
              hint -> {
                for (String field : fields) {
                  hint.withField(field);
                }
              });
    }

    void nativeConstructors(String type) {
      hints.jni().registerTypeIfPresent(loader, type, INVOKE_DECLARED_CONSTRUCTORS);
    }

    void resources(String... patterns) {
      hints
          .resources()
          .registerPattern(
              hint -> {
                for (String pattern : patterns) {
                  hint.includes(pattern);
                }
              });
    }

    private static List<TypeReference> references(String... names) {
      return List.of(names).stream().map(TypeReference::of).toList();
    }
  }

  @Override
  public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
    Registry registry = new Registry(hints, classLoader);
    kafka(registry);
    security(registry);
    zstd(registry);
    otherCompression(registry);
    protobuf(registry);
    hermes(registry);
    logging(registry);
  }

  private static void kafka(Registry registry) {
    registry.types(MADE_BY_KAFKA, INVOKE_PUBLIC_CONSTRUCTORS);
    // Read by AppInfoParser and by Hermes' version check, which is skipped without it.
    registry.resources("kafka/kafka-version.properties");
    // AppInfoParser registers a standard MBean, which JMX inspects.
    registry.type(KAFKA + "common.utils.AppInfoParser$AppInfo", INVOKE_PUBLIC_METHODS);
    registry.type(KAFKA + "common.utils.AppInfoParser$AppInfoMBean", INVOKE_PUBLIC_METHODS);
    // ByteBufferUnmapper frees buffers with this.
    registry.method("sun.misc.Unsafe", "invokeCleaner", "java.nio.ByteBuffer");
  }

  private static void security(Registry registry) {
    registry.types(MADE_BY_THE_JDK, INVOKE_PUBLIC_CONSTRUCTORS);
    // SecurityManagerCompatibility looks up both the old and the new method to act as a subject.
    String subject = "javax.security.auth.Subject";
    registry.method(subject, "current");
    registry.method(subject, "callAs", subject, "java.util.concurrent.Callable");
    registry.method(subject, "doAs", subject, "java.security.PrivilegedExceptionAction");
    registry.method(subject, "getSubject", "java.security.AccessControlContext");
    String controller = "java.security.AccessController";
    registry.method(controller, "doPrivileged", "java.security.PrivilegedAction");
    registry.method(controller, "getContext");
    registry.type("java.security.AccessControlContext");
    // SaslClientAuthenticator loads KerberosError when any mechanism fails.
    registry.method("sun.security.krb5.KrbException", "returnCode");
    // Hermes checks that Kafka's OAuth client has Jackson.
    registry.type("com.fasterxml.jackson.databind.ObjectMapper");
  }

  /**
   * The native code of zstd-jni, used by Hermes (contexts) and by Kafka (streams). From Java 22 on,
   * zstd-jni calls it without JNI. The signatures for that are in reachability-metadata.json, since
   * Spring has no hints for them.
   */
  private static void zstd(Registry registry) {
    registry.resources("*/*/libzstd-jni-*.so", "*/*/libzstd-jni-*.dylib", "*/*/libzstd-jni-*.dll");
    registry.nativeFields(ZSTD + "ZstdDictCompress", "nativePtr");
    registry.nativeFields(ZSTD + "ZstdDictDecompress", "nativePtr");
    registry.nativeFields(ZSTD + "ZstdInputStreamNoFinalizer", "srcPos", "dstPos");
    registry.nativeFields(ZSTD + "ZstdOutputStreamNoFinalizer", "srcPos", "dstPos");
    // Decompressing streams have these fields in their base class; only one compressing stream has
    // them.
    registry.nativeFields(
        ZSTD + "BaseZstdBufferDecompressingStreamNoFinalizer", "consumed", "produced");
    registry.nativeFields(ZSTD + "ZstdBufferDecompressingStreamNoFinalizer");
    registry.nativeFields(ZSTD + "ZstdDirectBufferDecompressingStreamNoFinalizer");
    registry.nativeFields(
        ZSTD + "ZstdDirectBufferCompressingStreamNoFinalizer", "consumed", "produced");
    // Native code instantiates and throws these.
    registry.nativeConstructors(ZSTD + "ZstdFrameProgression");
    registry.nativeConstructors("java.lang.OutOfMemoryError");
    registry.nativeConstructors("java.lang.RuntimeException");
    registry.method("java.lang.Integer", "toUnsignedLong", "int"); // ZstdBinding finds it by name
  }

  /**
   * Codecs of batches that other producers compressed; Kafka loads each on the first such batch.
   */
  private static void otherCompression(Registry registry) {
    for (String version : List.of("JNI", "JavaUnsafe", "JavaSafe")) {
      for (String instance : List.of("Compressor", "FastDecompressor", "SafeDecompressor")) {
        registry.type(LZ4 + "lz4.LZ4" + version + instance, ACCESS_PUBLIC_FIELDS);
      }
      registry.type(
          LZ4 + "lz4.LZ4HC" + version + "Compressor",
          ACCESS_PUBLIC_FIELDS,
          INVOKE_DECLARED_CONSTRUCTORS);
      for (String bits : List.of("32", "64")) {
        registry.type(LZ4 + "xxhash.XXHash" + bits + version, ACCESS_PUBLIC_FIELDS);
        registry.type(
            LZ4 + "xxhash.StreamingXXHash" + bits + version + "$Factory",
            ACCESS_PUBLIC_FIELDS,
            INVOKE_DECLARED_CONSTRUCTORS);
      }
    }
    registry.resources("net/jpountz/util/*/*/liblz4-java*");
    // snappy-java lists its own resources for native images; its native code reports errors here.
    registry
        .hints
        .jni()
        .registerTypeIfPresent(
            registry.loader, "org.xerial.snappy.SnappyNative", INVOKE_DECLARED_METHODS);
  }

  private static void protobuf(Registry registry) {
    // ExtensionRegistryFactory and ExtensionRegistryLite find these by name.
    registry.type("com.google.protobuf.ExtensionRegistry", INVOKE_PUBLIC_METHODS);
    registry.type("com.google.protobuf.Extension");
    // UnsafeUtil probes what it may use; without Unsafe, protobuf is slower.
    registry.type("sun.misc.Unsafe", ACCESS_DECLARED_FIELDS, INVOKE_PUBLIC_METHODS);
    registry.type("java.nio.Buffer", ACCESS_DECLARED_FIELDS);
  }

  private static void hermes(Registry registry) {
    registry.resources("hermes/jdbc/*/*.sql"); // Outbox.createTables
    registry.types(FLIGHT_EVENTS, INVOKE_DECLARED_CONSTRUCTORS, ACCESS_DECLARED_FIELDS);
    // HandlerThreads creates virtual threads by reflection, since Hermes is compiled for Java 17.
    registry.method("java.lang.Thread", "ofVirtual");
    registry.type("java.lang.Thread$Builder", INVOKE_PUBLIC_METHODS);
    registry.type("java.lang.Thread$Builder$OfVirtual", INVOKE_PUBLIC_METHODS);
    registry.method(
        "java.util.concurrent.Executors",
        "newThreadPerTaskExecutor",
        "java.util.concurrent.ThreadFactory");
  }

  /** KafkaDumps sets the level of some of Kafka's loggers, in whichever logging backend is used. */
  private static void logging(Registry registry) {
    registry.type("ch.qos.logback.classic.Logger", INVOKE_PUBLIC_METHODS);
    registry.type("ch.qos.logback.classic.Level", ACCESS_PUBLIC_FIELDS);
    registry.type("java.util.logging.Logger", INVOKE_PUBLIC_METHODS);
    registry.type("java.util.logging.Level", ACCESS_PUBLIC_FIELDS);
    String log4j = "org.apache.logging.log4j.";
    registry.type(log4j + "Level", ACCESS_PUBLIC_FIELDS);
    registry.method(log4j + "LogManager", "getContext", "java.lang.ClassLoader", "boolean");
    registry.type(log4j + "core.LoggerContext", INVOKE_PUBLIC_METHODS);
    registry.type(log4j + "core.config.Configuration", INVOKE_PUBLIC_METHODS);
    registry.type(log4j + "core.config.LoggerConfig", INVOKE_PUBLIC_CONSTRUCTORS);
  }
}
