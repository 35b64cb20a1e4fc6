package io.hermes.kafkaui;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.hermes.events.v1.Money;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.PropertyResolver;
import io.kafbat.ui.serde.api.RecordHeader;
import io.kafbat.ui.serde.api.RecordHeaders;
import io.kafbat.ui.serde.api.Serde;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events, headers and a configured serde for tests. */
final class Records {

  private Records() {}

  static UserEvent userEvent() {
    return UserEvent.newBuilder()
        .setEventId("e-1")
        .setTimestamp(1_764_000_000_000L)
        .setUserId("user-123")
        .setEventType(UserEvent.EventType.USER_REGISTERED)
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail("secret@example.com")
                .setUsername("user \"123\"")
                .putMetadata("ip", "192.0.2.1")
                .putMetadata("source", "web"))
        .build();
  }

  static OrderPlaced orderPlaced() {
    return OrderPlaced.newBuilder()
        .setEventId("o-1")
        .setOccurredAt(Timestamp.newBuilder().setSeconds(1_764_000_000).setNanos(5_000_000))
        .setOrderId("order-1")
        .addLines(
            OrderPlaced.Line.newBuilder().setSku("shirt").setQuantity(2).setUnitPrice(money(1999)))
        .setTotal(money(3998))
        .setShipTo(OrderPlaced.Address.newBuilder().setName("A. Person"))
        .build();
  }

  static OrderPaid orderPaid() {
    return OrderPaid.newBuilder()
        .setEventId("o-2")
        .setOrderId("order-1")
        .setAmount(money(3998))
        .build();
  }

  static PaymentEvent payment(int receiptBytes) {
    return PaymentEvent.newBuilder()
        .setEventId("p-1")
        .setOccurredAt(Timestamp.newBuilder().setSeconds(1_764_000_000))
        .setPaymentId("payment-1")
        .setEventType(PaymentEvent.EventType.PAYMENT_CAPTURED)
        .setCard(PaymentEvent.Card.newBuilder().setLastFour("4242").setToken("secret-token"))
        .addAttempts(
            PaymentEvent.Attempt.newBuilder()
                .setTook(Duration.newBuilder().setNanos(250_000_000))
                .setProviderCode(Int32Value.of(7))
                .setRiskScore(0.25))
        .setProviderData(
            Struct.newBuilder().putFields("risk", Value.newBuilder().setStringValue("low").build()))
        .setReceipt(ByteString.copyFrom(new byte[receiptBytes]))
        .setSignature(ByteString.copyFrom(new byte[] {1, 2, 3}))
        .build();
  }

  private static Money money(long minorUnits) {
    return Money.newBuilder().setCurrency("EUR").setMinorUnits(minorUnits).build();
  }

  /** Headers from names and values in turn. */
  static RecordHeaders headers(String... namesAndValues) {
    List<RecordHeader> headers = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(
          new Header(namesAndValues[i], namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8)));
    }
    return new Headers(headers);
  }

  static HermesSerde serde(Map<String, Object> properties) {
    HermesSerde serde = new HermesSerde();
    serde.configure(new Properties(properties), new Properties(Map.of()), new Properties(Map.of()));
    return serde;
  }

  static DeserializeResult value(Serde serde, String topic, RecordHeaders headers, byte[] value) {
    return serde.deserializer(topic, Serde.Target.VALUE).deserialize(headers, value);
  }

  private static final class Header implements RecordHeader {

    private final String key;
    private final byte[] value;

    Header(String key, byte[] value) {
      this.key = key;
      this.value = value;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public byte[] value() {
      return value;
    }
  }

  private record Headers(List<RecordHeader> headers) implements RecordHeaders {
    @Override
    public java.util.Iterator<RecordHeader> iterator() {
      return headers.iterator();
    }
  }

  /** Properties as they are. */
  record Properties(Map<String, Object> values) implements PropertyResolver {

    @Override
    public <T> Optional<T> getProperty(String key, Class<T> type) {
      @Nullable Object value = values.get(key);
      return value == null ? Optional.empty() : Optional.of(type.cast(value));
    }

    @Override
    public <T> Optional<List<T>> getListProperty(String key, Class<T> type) {
      @Nullable Object value = values.get(key);
      return value == null
          ? Optional.empty()
          : Optional.of(((List<?>) value).stream().map(type::cast).toList());
    }

    @Override
    @SuppressWarnings("unchecked") // tests put maps of such keys and values
    public <K, V> Optional<Map<K, V>> getMapProperty(String key, Class<K> keys, Class<V> type) {
      return Optional.ofNullable((Map<K, V>) values.get(key));
    }
  }
}
