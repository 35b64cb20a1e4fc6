package io.hermes.events.v1;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Int32Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.Map;

/** The golden events, built field by field: the names are those of the files in {@code golden/}. */
final class Samples {

  private Samples() {}

  static Map<String, Message> all() {
    Map<String, Message> samples = new LinkedHashMap<>();
    samples.put("default", UserEvent.getDefaultInstance());
    samples.put("registered", registered());
    samples.put("login", login());
    samples.put("extremes", extremes());
    samples.put("newer_type", newerType());
    samples.put("order_placed", orderPlaced());
    samples.put("payment", payment());
    return samples;
  }

  static UserEvent registered() {
    return UserEvent.newBuilder()
        .setEventId("018f6f6e-0001-7000-8000-000000000001")
        .setTimestamp(1_764_000_000_000L)
        .setUserId("user-123")
        .setEventType(UserEvent.EventType.USER_REGISTERED)
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail("user-123@example.com")
                .setUsername("user123")
                .putMetadata("ip", "192.0.2.1")
                .putMetadata("source", "web"))
        .build();
  }

  private static UserEvent login() {
    return UserEvent.newBuilder()
        .setEventId("018f6f6e-0001-7000-8000-000000000002")
        .setTimestamp(1_764_000_000_001L)
        .setUserId("user-0")
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  private static UserEvent extremes() {
    return UserEvent.newBuilder()
        .setEventId("ä漢🚀")
        .setTimestamp(-1)
        .setUserId("0")
        .setEventType(UserEvent.EventType.USER_LOGOUT)
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail("")
                .setUsername("")
                .putMetadata("", "")
                .putMetadata("k", ""))
        .build();
  }

  private static UserEvent newerType() {
    return UserEvent.newBuilder()
        .setEventId("1")
        .setTimestamp(Long.MAX_VALUE)
        .setUserId("user-1")
        .setEventTypeValue(4711)
        .setData(UserEvent.Data.getDefaultInstance())
        .build();
  }

  private static OrderPlaced orderPlaced() {
    return OrderPlaced.newBuilder()
        .setEventId("o-1")
        .setOccurredAt(Timestamp.newBuilder().setSeconds(1_764_000_000).setNanos(123_000_000))
        .setOrderId("order-1")
        .setCustomerId("user-123")
        .addLines(
            OrderPlaced.Line.newBuilder()
                .setSku("shirt")
                .setQuantity(2)
                .setUnitPrice(money("EUR", 1999))
                .putOptions("colour", "blue")
                .putOptions("size", "M"))
        .addLines(
            OrderPlaced.Line.newBuilder()
                .setSku("voucher")
                .setQuantity(1)
                .setUnitPrice(money("EUR", -500)))
        .setTotal(money("EUR", 3498))
        .setShipTo(
            OrderPlaced.Address.newBuilder()
                .setName("A. Person")
                .addLines("1 Example Street")
                .addLines("")
                .setPostalCode("8000")
                .setCountry("CH"))
        .build();
  }

  private static PaymentEvent payment() {
    Value list =
        Value.newBuilder()
            .setListValue(
                ListValue.newBuilder()
                    .addValues(Value.newBuilder().setNumberValue(1.5))
                    .addValues(Value.newBuilder().setBoolValue(true)))
            .build();
    return PaymentEvent.newBuilder()
        .setEventId("p-1")
        .setOccurredAt(Timestamp.newBuilder().setSeconds(-1).setNanos(999_999_999))
        .setPaymentId("payment-1")
        .setEventType(PaymentEvent.EventType.PAYMENT_AUTHORIZED)
        .setOrderId("order-1")
        .setAmount(money("JPY", 4_000_000_000L))
        .setWallet(false)
        .addAttempts(
            PaymentEvent.Attempt.newBuilder()
                .setTook(Duration.newBuilder().setNanos(250_000_000))
                .setProviderCode(Int32Value.of(0))
                .setRiskScore(0.25))
        .addAttempts(PaymentEvent.Attempt.getDefaultInstance())
        .setProviderData(
            Struct.newBuilder()
                .putFields("a", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
                .putFields("b", list))
        .setReceipt(ByteString.copyFrom(new byte[] {0, 1, (byte) 255}))
        .build();
  }

  private static Money money(String currency, long minorUnits) {
    return Money.newBuilder().setCurrency(currency).setMinorUnits(minorUnits).build();
  }
}
