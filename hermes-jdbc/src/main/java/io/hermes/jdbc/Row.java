package io.hermes.jdbc;

import io.hermes.EventHeaders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A row of the outbox: the record that will be written to Kafka. The headers of the contract have
 * their own columns, which Debezium can read; the others are packed into one column.
 */
final class Row {

  /** The columns that a query selects for {@link #read}. */
  static final String COLUMNS =
      "id, topic, key_hash, record_key, payload, event_type, message_type, content_encoding,"
          + " headers";

  private static final Set<String> OWN_COLUMN =
      Set.of(EventHeaders.EVENT_TYPE, EventHeaders.MESSAGE_TYPE, EventHeaders.CONTENT_ENCODING);

  private final long id;
  private final String topic;
  private final @Nullable Long keyHash;
  private final byte @Nullable [] key;
  private final byte @Nullable [] payload;
  private final @Nullable String eventType;
  private final String messageType;
  private final @Nullable String encoding;
  private final byte @Nullable [] packed;

  /** Creates a row that is not in the table yet. */
  private Row(ProducerRecord<byte[], byte[]> record) {
    Headers headers = record.headers();
    this.id = 0;
    this.topic = record.topic();
    this.keyHash = KeyHash.of(record.topic(), record.key());
    this.key = record.key();
    this.payload = record.value();
    this.eventType = EventHeaders.text(headers, EventHeaders.EVENT_TYPE);
    this.messageType = String.valueOf(EventHeaders.text(headers, EventHeaders.MESSAGE_TYPE));
    this.encoding = EventHeaders.text(headers, EventHeaders.CONTENT_ENCODING);
    this.packed = pack(headers);
  }

  /** Reads a row of a query for {@link #COLUMNS}. */
  private Row(ResultSet results) throws SQLException {
    this.id = results.getLong(1);
    this.topic = results.getString(2);
    long hash = results.getLong(3);
    this.keyHash = results.wasNull() ? null : hash;
    this.key = results.getBytes(4);
    this.payload = results.getBytes(5);
    this.eventType = results.getString(6);
    this.messageType = results.getString(7);
    this.encoding = results.getString(8);
    this.packed = results.getBytes(9);
  }

  static Row of(ProducerRecord<byte[], byte[]> record) {
    return new Row(record);
  }

  static Row read(ResultSet results) throws SQLException {
    return new Row(results);
  }

  long id() {
    return id;
  }

  /** Returns the topic as in the contract, without a topic prefix. */
  String topic() {
    return topic;
  }

  /** Returns the hash of topic and key; rows with the same hash are ordered. Null without a key. */
  @Nullable Long keyHash() {
    return keyHash;
  }

  /** Sets {@link Database#COLUMNS}, starting at parameter {@code first}. */
  void write(PreparedStatement statement, int first, int shard, @Nullable String eventId)
      throws SQLException {
    statement.setInt(first, shard);
    if (keyHash == null) {
      statement.setNull(first + 1, Types.BIGINT);
    } else {
      statement.setLong(first + 1, keyHash);
    }
    statement.setString(first + 2, eventId);
    statement.setString(first + 3, topic);
    statement.setBytes(first + 4, key);
    statement.setBytes(first + 5, payload);
    statement.setString(first + 6, eventType);
    statement.setString(first + 7, messageType);
    statement.setString(first + 8, encoding);
    statement.setBytes(first + 9, packed);
  }

  /** Returns the record for the topic's name on the cluster. */
  ProducerRecord<byte[], byte[]> record(String clusterTopic) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(clusterTopic, key, payload);
    unpack(record.headers());
    add(record.headers(), EventHeaders.EVENT_TYPE, eventType);
    add(record.headers(), EventHeaders.MESSAGE_TYPE, messageType);
    add(record.headers(), EventHeaders.CONTENT_ENCODING, encoding);
    return record;
  }

  long bytes() {
    return 200L + (payload == null ? 0 : payload.length) + (key == null ? 0 : key.length);
  }

  private static void add(Headers headers, String name, @Nullable String value) {
    if (value != null) {
      headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static byte @Nullable [] pack(Headers headers) {
    List<Header> others = new ArrayList<>();
    for (Header header : headers) {
      if (!OWN_COLUMN.contains(header.key())) {
        others.add(header);
      }
    }
    if (others.isEmpty()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(others.size());
      for (Header header : others) {
        out.writeUTF(header.key());
        byte[] value = header.value();
        out.writeInt(value == null ? -1 : value.length);
        if (value != null) {
          out.write(value);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a name longer than 64 KiB
    }
    return bytes.toByteArray();
  }

  private void unpack(Headers headers) {
    if (packed == null) {
      return;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(packed))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        int length = in.readInt();
        headers.add(name, length < 0 ? null : in.readNBytes(length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
