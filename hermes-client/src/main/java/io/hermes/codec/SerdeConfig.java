package io.hermes.codec;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.Encoding;
import io.hermes.SettingsException;
import io.hermes.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** What a serde reads from a client's configuration when it is made by its class name. */
final class SerdeConfig {

  static final String MESSAGE_CLASS = "hermes.message.class";
  static final String ENCODING = "hermes.encoding";
  static final String MAX_EVENT_BYTES = "hermes.max.event.bytes";
  static final String LEVEL = "hermes.zstd.level";
  static final String DICTIONARIES = "hermes.zstd.dictionaries";

  private static final String RESOURCE = "classpath:";

  private static final ConfigDef KEYS =
      new ConfigDef()
          .define(
              MESSAGE_CLASS,
              ConfigDef.Type.CLASS,
              null,
              ConfigDef.Importance.HIGH,
              "The message class that protoc generated. A deserializer needs it.")
          .define(
              ENCODING,
              ConfigDef.Type.STRING,
              null,
              ConfigDef.Importance.MEDIUM,
              "PLAIN, ZSTD or AUTO. Default: as the contract of the message class says; AUTO where"
                  + " there is none.")
          .define(
              MAX_EVENT_BYTES,
              ConfigDef.Type.INT,
              ZstdOptions.DEFAULT_MAX_EVENT_BYTES,
              ConfigDef.Range.atLeast(1),
              ConfigDef.Importance.MEDIUM,
              "The largest event, before compression.")
          .define(
              LEVEL,
              ConfigDef.Type.INT,
              null,
              SerdeConfig::checkLevel,
              ConfigDef.Importance.LOW,
              "The level of compression. Default: 1, and 3 with a dictionary.")
          .define(
              DICTIONARIES,
              ConfigDef.Type.LIST,
              List.of(),
              ConfigDef.Importance.LOW,
              "Dictionaries: files, directories, and resources as classpath:name. The one with the"
                  + " highest id writes, all read.");

  private final Map<String, Object> values;

  private SerdeConfig(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * The configuration for a serde of values.
   *
   * @throws SettingsException if the serde is for keys
   * @throws org.apache.kafka.common.config.ConfigException if a value is wrong
   */
  static SerdeConfig of(Map<String, ?> configs, boolean isKey) {
    if (isKey) {
      throw new SettingsException(
          "Hermes' protobuf serdes are for values: equal messages can have different bytes, so as"
              + " keys they would be in different partitions. Use Kafka's StringSerializer.",
          null);
    }
    return new SerdeConfig(KEYS.parse(configs));
  }

  Encoding encoding() {
    String encoding = (String) values.get(ENCODING);
    if (encoding != null) {
      try {
        return Encoding.valueOf(encoding.trim().toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new SettingsException(
            ENCODING + " is '" + encoding + "'; it is PLAIN, ZSTD or AUTO.", e);
      }
    }
    Class<? extends Message> type = messageClass();
    return type != null && Topic.hasContract(prototype(type).getDescriptorForType())
        ? Topic.of(type).encoding()
        : Encoding.AUTO;
  }

  @SuppressWarnings("unchecked") // the caller says what the class name in the configuration says
  <M extends Message> Parser<M> parser() {
    Class<? extends Message> type = messageClass();
    if (type == null) {
      throw new SettingsException(
          MESSAGE_CLASS + " is not set; it is the message class that protoc generated.", null);
    }
    return (Parser<M>) prototype(type).getParserForType();
  }

  ZstdOptions options() {
    List<ZstdDictionary> dictionaries = new ArrayList<>();
    for (Object source : (List<?>) required(DICTIONARIES)) {
      String name = source.toString().trim();
      if (name.startsWith(RESOURCE)) {
        dictionaries.add(ZstdDictionary.resource(name.substring(RESOURCE.length())));
      } else {
        dictionaries.addAll(ZstdDictionary.load(Path.of(name)));
      }
    }
    ZstdOptions.Builder options =
        ZstdOptions.builder().maxEventBytes(maxEventBytes()).dictionaries(dictionaries);
    Integer level = (Integer) values.get(LEVEL);
    return (level == null ? options : options.level(level)).build();
  }

  int maxEventBytes() {
    return (Integer) required(MAX_EVENT_BYTES);
  }

  private static void checkLevel(String key, @Nullable Object level) {
    if (level != null) {
      ConfigDef.Range.between(1, ZstdOptions.MAX_LEVEL).ensureValid(key, level);
    }
  }

  private Object required(String key) {
    return Objects.requireNonNull(values.get(key));
  }

  private @Nullable Class<? extends Message> messageClass() {
    Class<?> type = (Class<?>) values.get(MESSAGE_CLASS);
    if (type != null && !Message.class.isAssignableFrom(type)) {
      throw new SettingsException(
          MESSAGE_CLASS + " is " + type.getName() + ", which is no protobuf message.", null);
    }
    return type == null ? null : type.asSubclass(Message.class);
  }

  private static Message prototype(Class<? extends Message> type) {
    try {
      return (Message) type.getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException | ClassCastException | NullPointerException e) {
      throw new SettingsException(
          MESSAGE_CLASS + " is " + type.getName() + ", which protoc did not generate.", e);
    }
  }
}
