package io.hermes.kafkaui;

import io.hermes.contract.schema.SchemaException;
import io.hermes.contract.schema.SchemaSet;
import io.kafbat.ui.serde.api.PropertyResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The plugin's properties, as in {@code KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_...}. Immutable.
 *
 * @param schemas where messages are looked up, in this order
 * @param dictionaries the ZSTD dictionaries
 * @param reveal whether fields marked debug_redact are shown
 * @param maxDecodedBytes what a value may have, decompressed
 */
record Settings(
    List<SchemaSet> schemas, Dictionaries dictionaries, boolean reveal, int maxDecodedBytes) {

  static final int DEFAULT_MAX_DECODED_BYTES = 16 << 20;
  private static final String BUNDLED = "/META-INF/hermes/hermes-schema.binpb";

  static Settings of(PropertyResolver properties) {
    List<SchemaSet> schemas = new ArrayList<>();
    for (String file :
        properties.getListProperty("descriptorSets", String.class).orElse(List.of())) {
      schemas.add(read(file));
    }
    schemas.add(bundled());
    return new Settings(
        List.copyOf(schemas),
        properties
            .getProperty("dictionariesDir", String.class)
            .map(dir -> Dictionaries.load(Path.of(dir)))
            .orElseGet(Dictionaries::none),
        properties.getProperty("revealRedacted", Boolean.class).orElse(false),
        maxDecodedBytes(properties));
  }

  private static int maxDecodedBytes(PropertyResolver properties) {
    int max =
        properties.getProperty("maxDecodedBytes", Integer.class).orElse(DEFAULT_MAX_DECODED_BYTES);
    if (max < 1 || max > 1 << 28) {
      throw new IllegalArgumentException(
          "maxDecodedBytes is " + max + "; set 1 to " + (1 << 28) + ".");
    }
    return max;
  }

  static SchemaSet bundled() {
    try (InputStream in = Settings.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("The plugin's jar lacks " + BUNDLED + "; build it again.");
      }
      return SchemaSet.parse(in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + BUNDLED + " of the plugin's jar.", e);
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
