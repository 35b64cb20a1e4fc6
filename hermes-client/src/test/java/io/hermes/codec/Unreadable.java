package io.hermes.codec;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.UninterpretedOption;
import com.google.protobuf.DescriptorProtos.UninterpretedOption.NamePart;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.hermes.events.v1.UserEvent;
import io.hermes.testing.v1.Sample;
import java.nio.charset.StandardCharsets;

/** Messages that protobuf makes and writes, and does not read. */
public final class Unreadable {

  private Unreadable() {}

  /** A message with so many levels of messages below it. */
  public static Sample nested(int levels) {
    Sample.Nested nested = Sample.Nested.getDefaultInstance();
    for (int level = 1; level < levels; level++) {
      nested = Sample.Nested.newBuilder().setNested(nested).build();
    }
    return Sample.newBuilder().setText("deep").setNested(nested).build();
  }

  /** One whose part lacks a required field. */
  public static UninterpretedOption withoutRequiredField() {
    return UninterpretedOption.newBuilder()
        .addName(NamePart.newBuilder().setNamePart("name").buildPartial())
        .buildPartial();
  }

  /** One whose extension lacks a required field. */
  public static MessageOptions withoutRequiredFieldOfAnExtension()
      throws DescriptorValidationException {
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("extension.proto")
            .addDependency("google/protobuf/descriptor.proto")
            .addExtension(
                FieldDescriptorProto.newBuilder()
                    .setName("part")
                    .setNumber(50_001)
                    .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                    .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                    .setTypeName(".google.protobuf.UninterpretedOption.NamePart")
                    .setExtendee(".google.protobuf.MessageOptions"))
            .build();
    FileDescriptor built =
        FileDescriptor.buildFrom(
            file, new FileDescriptor[] {DescriptorProto.getDescriptor().getFile()});
    return MessageOptions.newBuilder()
        .setField(built.getExtensions().get(0), NamePart.newBuilder().buildPartial())
        .buildPartial();
  }

  /** One with fields from outside, which its type reads as something else. */
  public static UserEvent withForeignFields() {
    byte[] latin1 = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);
    return UserEvent.newBuilder()
        .setUserId("user-1")
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(
                    UserEvent.EVENT_ID_FIELD_NUMBER,
                    UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(com.google.protobuf.ByteString.copyFrom(latin1))
                        .build())
                .build())
        .build();
  }

  /** One with groups from outside, nested deeper than parsers go. */
  public static UserEvent withForeignGroups(int levels) {
    UnknownFieldSet groups = UnknownFieldSet.getDefaultInstance();
    for (int level = 0; level < levels; level++) {
      groups =
          UnknownFieldSet.newBuilder()
              .addField(1_000, UnknownFieldSet.Field.newBuilder().addGroup(groups).build())
              .build();
    }
    return UserEvent.newBuilder().setUserId("user-1").setUnknownFields(groups).build();
  }

  /** All of them. */
  public static Message[] all() throws DescriptorValidationException {
    return new Message[] {
      nested(101),
      nested(2_000),
      nested(200_000),
      withoutRequiredField(),
      withoutRequiredFieldOfAnExtension(),
      withForeignFields(),
      withForeignGroups(101)
    };
  }
}
