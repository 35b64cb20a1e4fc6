package io.hermes.cli;

import com.google.protobuf.Any;
import com.google.protobuf.AnyProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Events whose bytes are hard to print, each with a secret in a field that is to be hidden. */
final class AwkwardEvent {

  static final String SECRET = "jane.doe@secret.example";

  private static final int ID = 1;
  private static final int DETAIL = 2;
  private static final int AT = 3;
  private static final int EMAIL = 4;

  private AwkwardEvent() {}

  /** Writes a descriptor set into a folder. */
  static Path inFolder(Path temp, String topic) throws IOException {
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder()
            .setName("awkward/v1/awkward.proto")
            .setPackage("awkward.v1")
            .setSyntax("proto3")
            .addDependency("hermes/contract/v1/topic.proto")
            .addDependency("google/protobuf/any.proto")
            .addDependency("google/protobuf/timestamp.proto");
    file.addMessageType(
        DescriptorProto.newBuilder()
            .setName("Awkward")
            .addField(field("id", ID, FieldDescriptorProto.Type.TYPE_STRING))
            .addField(message("detail", DETAIL, ".google.protobuf.Any"))
            .addField(message("at", AT, ".google.protobuf.Timestamp"))
            .addField(
                field("email", EMAIL, FieldDescriptorProto.Type.TYPE_STRING)
                    .setOptions(FieldOptions.newBuilder().setDebugRedact(true)))
            .setOptions(
                MessageOptions.newBuilder()
                    .setExtension(
                        TopicProto.topic,
                        TopicContract.newBuilder().setName(topic).setKeyField("id").build())));
    Path folder = temp.resolve("classes");
    Path set = folder.resolve("META-INF/hermes/awkward.binpb");
    Files.createDirectories(Objects.requireNonNull(set.getParent()));
    Files.write(
        set,
        FileDescriptorSet.newBuilder()
            .addFile(AnyProto.getDescriptor().toProto())
            .addFile(file)
            .build()
            .toByteArray());
    return folder;
  }

  private static FieldDescriptorProto.Builder field(
      String name, int number, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder().setName(name).setNumber(number).setType(type);
  }

  private static FieldDescriptorProto.Builder message(String name, int number, String type) {
    return field(name, number, FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(type);
  }

  /** The values by what is awkward in them, which is also their id. */
  static Map<String, byte[]> values() {
    ByteString event = value("inner", Any.getDefaultInstance(), Timestamp.getDefaultInstance());
    Any known = any("type.googleapis.com/awkward.v1.Awkward", event);
    Any unknown = any("type.googleapis.com/other.v1.Thing", event);
    Any damaged =
        any("type.googleapis.com/awkward.v1.Awkward", event.substring(0, event.size() - 5));
    Timestamp late = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).setNanos(-1).build();
    Timestamp now = Timestamp.newBuilder().setSeconds(1_767_225_600).build();
    Map<String, byte[]> values = new LinkedHashMap<>();
    put(values, "any", known, now);
    put(values, "any-in-any", Any.pack(known), now);
    put(values, "any-in-any-in-any", Any.pack(Any.pack(known)), now);
    put(values, "unknown-type", unknown, now);
    put(values, "unknown-type-in-any", Any.pack(unknown), now);
    put(values, "damaged-any", damaged, now);
    put(values, "late", Any.getDefaultInstance(), late);
    put(values, "late-in-any", Any.pack(late), now);
    byte[] whole = Objects.requireNonNull(values.get("any"));
    values.put("cut-off", Arrays.copyOf(whole, whole.length - 5));
    return values;
  }

  private static void put(Map<String, byte[]> values, String id, Any detail, Timestamp at) {
    values.put(id, value(id, detail, at).toByteArray());
  }

  private static ByteString value(String id, Any detail, Timestamp at) {
    return UnknownFieldSet.newBuilder()
        .addField(ID, bytes(ByteString.copyFromUtf8(id)))
        .addField(DETAIL, bytes(detail.toByteString()))
        .addField(AT, bytes(at.toByteString()))
        .addField(EMAIL, bytes(ByteString.copyFromUtf8(SECRET)))
        .build()
        .toByteString();
  }

  private static UnknownFieldSet.Field bytes(ByteString value) {
    return UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build();
  }

  private static Any any(String url, ByteString value) {
    return Any.newBuilder().setTypeUrl(url).setValue(value).build();
  }
}
