package io.hermes.contract.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Counts the fields of an encoded message before it is parsed: two bytes can become an object of a
 * few hundred bytes, so a size limit alone is not enough. Not thread-safe.
 */
final class FieldCount {

  static final int MAX_FIELDS = 250_000;
  private static final int MAX_DEPTH = 100;

  private int count;

  /** Does nothing for values that cannot have that many fields, which is nearly all of them. */
  void check(Descriptor message, byte[] value) throws IOException, UnshowableException {
    if (value.length > MAX_FIELDS) {
      scan(message, CodedInputStream.newInstance(value), 0);
    }
  }

  /** Adds the fields of another message to the count. */
  void add(Descriptor message, ByteString value) throws IOException, UnshowableException {
    scan(message, value.newCodedInput(), 0);
  }

  private void scan(Descriptor message, CodedInputStream in, int depth)
      throws IOException, UnshowableException {
    if (depth > MAX_DEPTH) {
      throw new UnshowableException(
          "The event is nested more than %d levels deep.".formatted(MAX_DEPTH));
    }
    int groups = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      add(1);
      int wireType = WireFormat.getTagWireType(tag);
      if (wireType == WireFormat.WIRETYPE_START_GROUP) {
        groups++;
      } else if (wireType == WireFormat.WIRETYPE_END_GROUP) {
        groups--;
      } else if (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        FieldDescriptor field =
            groups == 0 ? message.findFieldByNumber(WireFormat.getTagFieldNumber(tag)) : null;
        scanDelimited(field, in, depth);
      } else {
        in.skipField(tag);
      }
    }
  }

  private void scanDelimited(@Nullable FieldDescriptor field, CodedInputStream in, int depth)
      throws IOException, UnshowableException {
    int length = in.readRawVarint32();
    if (field != null && field.getJavaType() == JavaType.MESSAGE) {
      int outer = in.pushLimit(length);
      scan(field.getMessageType(), in, depth + 1);
      in.popLimit(outer);
      return;
    }
    in.skipRawBytes(length);
    if (field != null && field.isPackable()) {
      add(length / elementSize(field));
    }
  }

  private static int elementSize(FieldDescriptor field) {
    return switch (field.getType()) {
      case FIXED32, SFIXED32, FLOAT -> 4;
      case FIXED64, SFIXED64, DOUBLE -> 8;
      default -> 1;
    };
  }

  private void add(int fields) throws UnshowableException {
    count += fields;
    if (count > MAX_FIELDS) {
      throw new UnshowableException(
          "The event has more than %d fields, too many to show.".formatted(MAX_FIELDS));
    }
  }
}
