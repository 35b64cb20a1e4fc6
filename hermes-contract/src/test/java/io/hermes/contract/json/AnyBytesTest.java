package io.hermes.contract.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random messages, whole, cut off and damaged: each is shown or refused with a reason, and no
 * hidden field is ever shown.
 */
class AnyBytesTest {

  private static final int RUNS = Integer.getInteger("hermes.json.runs", 20_000);
  private static final String SECRET = "TOP-SECRET-VALUE";
  private static final EventJson HIDING = EventJson.of(SecretEvent::find).maxChars(1 << 20);
  private static final EventJson REVEALING = HIDING.revealing(true).withDefaults();

  private final Random random = new Random(19);

  @Test
  void noBytesThrowAnythingElse() {
    int shown = 0;
    for (int run = 0; run < RUNS; run++) {
      byte[] bytes = random.nextInt(4) == 0 ? noise() : message(SecretEvent.TYPE, 0).toByteArray();
      damage(bytes);
      shown += isShown(bytes) ? 1 : 0;
    }
    assertThat(shown).isBetween(RUNS / 10, RUNS * 9 / 10);
  }

  @Test
  void whatIsMarkedIsNeverShownInAnyForm() throws Exception {
    int withSecret = 0;
    for (int run = 0; run < RUNS; run++) {
      Message message = message(SecretEvent.TYPE, 0);
      String json;
      try {
        json = HIDING.write(message).json();
        withSecret +=
            message.toByteString().toString(StandardCharsets.ISO_8859_1).contains(SECRET) ? 1 : 0;
      } catch (UnshowableException e) {
        json = e.getMessage();
      }
      assertThat(json).doesNotContain(SECRET).doesNotContain(base64s());
    }
    assertThat(withSecret).isGreaterThan(RUNS / 10);
  }

  /** Its Base64 form at each of the three places that it can have within bytes. */
  private static List<String> base64s() {
    Base64.Encoder base64 = Base64.getEncoder();
    return List.of(
        base64.encodeToString(SECRET.substring(0, 15).getBytes(StandardCharsets.UTF_8)),
        base64.encodeToString(SECRET.substring(1, 16).getBytes(StandardCharsets.UTF_8)),
        base64.encodeToString(SECRET.substring(2, 14).getBytes(StandardCharsets.UTF_8)));
  }

  private boolean isShown(byte[] bytes) {
    try {
      Message event = EventJson.parse(SecretEvent.TYPE, bytes);
      String hiding = HIDING.write(event).json();
      String revealing = REVEALING.write(event).json();
      assertThat(hiding).startsWith("{").endsWith("}");
      assertThat(revealing).startsWith("{").endsWith("}");
      return true;
    } catch (InvalidProtocolBufferException | UnshowableException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return false;
    }
  }

  private byte[] noise() {
    byte[] bytes = new byte[random.nextInt(60)];
    random.nextBytes(bytes);
    return bytes;
  }

  private void damage(byte[] bytes) {
    for (int changes = random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
  }

  private Message message(Descriptor type, int depth) {
    if (type.getFullName().equals("google.protobuf.Any")) {
      return any(depth);
    }
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      boolean isSet =
          field.getContainingOneof() == null || !message.hasOneof(field.getContainingOneof());
      if (!isSet || random.nextInt(depth + 1) > 1) {
        continue;
      }
      if (field.isRepeated()) {
        for (int i = random.nextInt(3); i > 0; i--) {
          message.addRepeatedField(field, value(field, depth));
        }
      } else if (random.nextInt(3) == 0) {
        message.setField(field, value(field, depth));
      }
    }
    return message.build();
  }

  /** Of a known or an unknown type, whole or cut off, often with another one inside. */
  private Message any(int depth) {
    List<Descriptor> types = SecretEvent.types();
    Descriptor type =
        random.nextBoolean() ? SecretEvent.TYPE : types.get(random.nextInt(types.size()));
    ByteString value = message(type, depth + 1).toByteString();
    if (random.nextInt(4) == 0) {
      value = value.substring(0, random.nextInt(value.size() + 1));
    }
    String name = random.nextInt(4) == 0 ? "other.Type" : type.getFullName();
    return SecretEvent.any((random.nextBoolean() ? "example.com/" : "") + name, value);
  }

  private Object value(FieldDescriptor field, int depth) {
    boolean secret = field.getOptions().getDebugRedact();
    return switch (field.getJavaType()) {
      case INT -> random.nextInt();
      case LONG -> random.nextLong();
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case BOOLEAN -> random.nextBoolean();
      case STRING -> secret ? SECRET : "text " + random.nextInt(10) + "\u0000\ud83d\ude80";
      case BYTE_STRING -> ByteString.copyFrom(noise());
      case ENUM -> field.getEnumType().getValues().get(0);
      case MESSAGE -> message(field.getMessageType(), depth + 1);
    };
  }
}
