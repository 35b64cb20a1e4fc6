package io.hermes.kafkaui;

import io.hermes.SettingsException;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.contract.schema.SchemaException;
import io.hermes.contract.schema.SchemaSet;
import io.kafbat.ui.serde.api.PropertyResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The plugin's properties, as in {@code KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_...}. Immutable.
 *
 * @param schemas the schemas to look up messages in, in this order
 * @param topicPrefixes the prefixes of environments on the cluster, the longest first
 * @param reveal whether fields marked debug_redact are shown
 * @param zstd the ZSTD dictionaries, and the maximum size of a value
 * @param maxJsonChars the maximum number of JSON characters for a value; kafka-ui keeps them in
 *     memory until the browser has received them
 */
record Settings(
    List<SchemaSet> schemas,
    List<String> topicPrefixes,
    boolean reveal,
    ZstdOptions zstd,
    int maxJsonChars) {

  static final int DEFAULT_MAX_DECODED_BYTES = 16 << 20;
  static final int DEFAULT_MAX_JSON_CHARS = 1 << 20;
  private static final int MAX_LIMIT = 1 << 28;
  private static final List<String> NAMES =
      List.of(
          "descriptorSets",
          "topicPrefixes",
          "dictionariesDir",
          "revealRedacted",
          "maxDecodedBytes",
          "maxJsonChars");
  private static final String BUNDLED = "/META-INF/hermes/hermes-schema.binpb";

  /**
   * Reads and checks the properties.
   *
   * @param properties the serde's own properties
   * @param cluster the cluster's properties, which also list the serde's properties by name
   * @throws IllegalArgumentException if a name or a value is invalid; this stops kafka-ui
   */
  static Settings of(PropertyResolver properties, PropertyResolver cluster) {
    checkNames(cluster);
    List<SchemaSet> schemas = new ArrayList<>();
    for (String file :
        properties.getListProperty("descriptorSets", String.class).orElse(List.of())) {
      schemas.add(read(file));
    }
    schemas.add(bundled());
    return new Settings(
        List.copyOf(schemas),
        properties.getListProperty("topicPrefixes", String.class).orElse(List.of()).stream()
            .map(String::strip)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList(),
        properties.getProperty("revealRedacted", Boolean.class).orElse(false),
        zstd(
            properties.getProperty("dictionariesDir", String.class),
            limit(properties, "maxDecodedBytes", DEFAULT_MAX_DECODED_BYTES)),
        limit(properties, "maxJsonChars", DEFAULT_MAX_JSON_CHARS));
  }

  /** The topic's name in its contract: without the prefix of its environment. */
  String inContract(String topic) {
    return topicPrefixes.stream()
        .filter(topic::startsWith)
        .findFirst()
        .map(prefix -> topic.substring(prefix.length()))
        .orElse(topic);
  }

  private static ZstdOptions zstd(Optional<String> dictionariesDir, int maxDecodedBytes) {
    ZstdOptions.Builder zstd = ZstdOptions.builder().maxEventBytes(maxDecodedBytes);
    try {
      dictionariesDir.ifPresent(dir -> zstd.dictionaries(ZstdDictionary.load(Path.of(dir))));
    } catch (SettingsException e) {
      throw new IllegalArgumentException("dictionariesDir: " + e.getMessage(), e);
    }
    return zstd.build();
  }

  private static int limit(PropertyResolver properties, String name, int defaultLimit) {
    int limit = properties.getProperty(name, Integer.class).orElse(defaultLimit);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "%s is %d; set a number from 1 to %d.".formatted(name, limit, MAX_LIMIT));
    }
    return limit;
  }

  /**
   * Rejects misspelled names. A serde's own resolver can only look up given names, so this checks
   * all serdes of the cluster that use this plugin.
   */
  private static void checkNames(PropertyResolver cluster) {
    for (int i = 0; ; i++) {
      String serde = "serde." + i;
      if (cluster.getProperty(serde + ".name", String.class).isEmpty()) {
        return;
      }
      String className = cluster.getProperty(serde + ".className", String.class).orElse("");
      if (className.equals(HermesSerde.class.getName())) {
        cluster
            .getMapProperty(serde + ".properties", String.class, Object.class)
            .orElse(Map.of())
            .keySet()
            .forEach(name -> checkName(serde, name));
      }
    }
  }

  private static void checkName(String serde, String name) {
    String element = name.split("[.\\[]", 2)[0];
    String plain = element.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    // Compose and kubectl patch can replace the class of the first serde but cannot unset its
    // properties, so those of ProtobufFile remain.
    if (!plain.startsWith("protobuf") && NAMES.stream().noneMatch(plain::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "%s.properties of kafka-ui's cluster has \"%s\", which the Hermes plugin does not know. Its properties: %s."
              .formatted(serde, element, String.join(", ", NAMES)));
    }
  }

  static SchemaSet bundled() {
    try (InputStream in = Settings.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("The plugin's jar lacks " + BUNDLED + ". Rebuild it.");
      }
      return SchemaSet.parse(in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + BUNDLED + " from the plugin's jar.", e);
    }
  }

  private static SchemaSet read(String file) {
    try {
      return SchemaSet.parse(Files.readAllBytes(Path.of(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException("descriptorSets: cannot read " + file + ": " + e, e);
    } catch (SchemaException e) {
      throw new IllegalArgumentException("descriptorSets: " + file + ": " + e.getMessage(), e);
    }
  }
}
