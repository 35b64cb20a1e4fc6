package io.hermes.cli.records;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.cli.console.Text;
import io.hermes.contract.json.EventJson;
import java.io.PrintWriter;
import java.util.HexFormat;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** One JSON object per line for each record, for jq. */
final class JsonLines implements RecordFormat {

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private final PrintWriter out;
  private final boolean headers;

  JsonLines(PrintWriter out, boolean headers) {
    this.out = out;
    this.headers = headers;
  }

  @Override
  public void print(Shown shown) {
    EventRecord<DynamicMessage> record = shown.record();
    JsonObject line = new JsonObject();
    line.addProperty("topic", record.topic());
    line.addProperty("partition", record.partition());
    line.addProperty("offset", record.offset());
    line.addProperty("timestamp", Text.time(record.timestamp()));
    addBytes(line, "key", shown.key());
    line.addProperty("eventType", shown.type());
    line.addProperty("messageType", record.messageType());
    line.addProperty("encoding", shown.encoding());
    line.addProperty("keyBytes", record.rawKey() == null ? 0 : record.rawKey().length);
    line.addProperty("valueBytes", Shown.valueBytes(record));
    DeadLetter letter = DeadLetter.of(record.headers());
    if (letter != null) {
      line.add("deadLetter", letter.json());
    }
    if (headers) {
      line.add("headers", headers(record));
    }
    if (shown.problem() != null) {
      byte[] value = shown.undecoded();
      line.addProperty("problem", shown.problem());
      line.addProperty(
          "valueHex", value == null ? EventJson.REDACTED : HexFormat.of().formatHex(value));
    } else {
      line.addProperty("eventBytes", shown.eventBytes());
      int unknown = shown.unknownBytes();
      if (unknown > 0) {
        line.addProperty("unknownFieldBytes", unknown);
      }
      line.add("event", shown.event() == null ? JsonNull.INSTANCE : shown.event());
    }
    out.println(GSON.toJson(line));
  }

  private static JsonArray headers(EventRecord<DynamicMessage> record) {
    JsonArray headers = new JsonArray();
    for (Header header : record.headers()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", header.key());
      addBytes(json, "value", header.value());
      headers.add(json);
    }
    return headers;
  }

  /** Bytes as text; if they are not UTF-8, null and their hexadecimal form in another field. */
  private static void addBytes(JsonObject json, String name, byte @Nullable [] bytes) {
    String text = bytes == null ? null : Text.utf8(bytes);
    json.addProperty(name, text);
    if (bytes != null && text == null) {
      json.addProperty(name + "Hex", HexFormat.of().formatHex(bytes));
    }
  }
}
