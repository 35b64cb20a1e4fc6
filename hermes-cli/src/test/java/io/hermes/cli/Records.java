package io.hermes.cli;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.cli.contracts.Contracts;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.events.v1.UserEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Records of user.events as a reader yields them. */
public final class Records {

  public static final UserEvent REGISTERED =
      UserEvent.newBuilder()
          .setEventId("e-1")
          .setTimestamp(1_767_225_600_000L)
          .setUserId("user-123")
          .setEventType(UserEvent.EventType.USER_REGISTERED)
          .setData(
              UserEvent.Data.newBuilder()
                  .setEmail("jane@example.com")
                  .setUsername("jane")
                  .putMetadata("source", "web"))
          .build();

  private Records() {}

  public static EventRecord<DynamicMessage> of(
      Contracts contracts,
      long offset,
      byte @Nullable [] key,
      byte @Nullable [] value,
      String... headers) {
    Headers all = new RecordHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            "user.events",
            3,
            offset,
            Instant.parse("2026-01-31T12:00:00Z").toEpochMilli(),
            TimestampType.CREATE_TIME,
            key == null ? -1 : key.length,
            value == null ? -1 : value.length,
            key,
            value,
            all,
            Optional.empty());
    return EventRecord.of(
        record,
        new ZstdProtobufDeserializer<>(
            contracts.on("user.events").get(0).parser(), ZstdOptions.defaults()));
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
