package io.hermes.kafkaui;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.github.luben.zstd.Zstd;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import com.sun.management.ThreadMXBean;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.RecordHeaders;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What Jazzer calls with its inputs: the plugin must never throw, never allocate without bound,
 * never show a wrong event.
 */
public final class DecodeFuzzer {

  private static final int LIMIT = 64 << 10;
  private static final long MAX_ALLOCATED = 64L << 20;
  private static final String TOPIC = "payments.events";
  private static final HermesSerde SERDE =
      Records.serde(Map.of("maxDecodedBytes", LIMIT, "revealRedacted", true));
  private static final List<Message> EVENTS =
      List.of(
          UserEvent.getDefaultInstance(),
          OrderPlaced.getDefaultInstance(),
          OrderPaid.getDefaultInstance(),
          OrderCancelled.getDefaultInstance(),
          PaymentEvent.getDefaultInstance());
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private DecodeFuzzer() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    Message prototype = data.pickValue(EVENTS);
    Descriptor type = prototype.getDescriptorForType();
    boolean zstd = data.consumeBoolean();
    byte[] plain = value(data, type);
    byte[] value = zstd ? damage(data, Zstd.compress(plain)) : plain;
    RecordHeaders headers =
        zstd || data.consumeBoolean()
            ? Records.headers("message-type", type.getFullName(), "content-encoding", "zstd")
            : Records.headers("message-type", type.getFullName());

    long before = THREADS.getCurrentThreadAllocatedBytes();
    DeserializeResult result = Records.value(SERDE, TOPIC, headers, value);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    require(allocated < MAX_ALLOCATED, "allocated " + allocated);
    String json = result.getResult();
    boolean shown = !json.startsWith("{\"undecodable\":");
    Object encoding = result.getAdditionalProperties().get("encoding");
    if (shown && encoding != null && encoding.toString().startsWith("plain")) {
      agree(prototype, value, json);
    } else if (shown) {
      agree(prototype, Zstd.decompress(value, LIMIT), json);
    }
  }

  /** Bytes as they come, or a right event, or one with some bytes changed. */
  private static byte[] value(FuzzedDataProvider data, Descriptor type) {
    if (data.consumeBoolean()) {
      return data.consumeBytes(4_000);
    }
    return damage(
        data, new RandomMessages(new Random(data.consumeInt())).message(type, 0).toByteArray());
  }

  private static byte[] damage(FuzzedDataProvider data, byte[] value) {
    for (int changes = data.consumeInt(0, 3); changes > 0 && value.length > 0; changes--) {
      value[data.consumeInt(0, value.length - 1)] = data.consumeByte();
    }
    return value;
  }

  private static void agree(Message prototype, byte[] plain, String json) {
    Message parsed;
    try {
      parsed = prototype.getParserForType().parseFrom(plain);
    } catch (InvalidProtocolBufferException e) {
      // A generated class refuses an overlong number in an unknown field of a map's entry, which a
      // DynamicMessage takes: no valid record, and nothing known to compare.
      require(String.valueOf(e.getMessage()).contains("varint"), e + " for " + json);
      return;
    }
    try {
      Message.Builder shown = prototype.newBuilderForType();
      JsonFormat.parser().merge(json, shown);
      require(printed(shown).equals(printed(parsed)), "shown as " + json + " is not " + parsed);
    } catch (InvalidProtocolBufferException e) {
      // JsonFormat refuses some times and durations that are out of its range; those are shown by
      // their fields.
      require(json.contains("\"seconds\":"), e + " for " + json);
    } catch (IllegalArgumentException e) {
      // As it refuses numbers in a google.protobuf.Value that are none.
      require(json.contains("\"numberValue\":"), e + " for " + json);
    }
  }

  private static String printed(MessageOrBuilder message) throws InvalidProtocolBufferException {
    return JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(message);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
