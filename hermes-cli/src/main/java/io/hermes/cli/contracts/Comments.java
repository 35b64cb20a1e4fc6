package io.hermes.cli.contracts;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.hermes.cli.console.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The comments in a schema's source, each as one line; empty if there is none, or if the descriptor
 * set was written without comments. Immutable.
 */
final class Comments {

  private final Map<List<Integer>, String> byPath = new HashMap<>();

  Comments(FileDescriptor file) {
    for (Location location : file.toProto().getSourceCodeInfo().getLocationList()) {
      String text = location.getLeadingComments() + " " + location.getTrailingComments();
      byPath.put(location.getPathList(), Text.printable(text.strip().replaceAll("\\s+", " ")));
    }
  }

  String of(Descriptor message) {
    return at(path(message));
  }

  String of(EnumDescriptor type) {
    return at(path(type));
  }

  String of(FieldDescriptor field) {
    return at(
        join(
            path(field.getContainingType()), DescriptorProto.FIELD_FIELD_NUMBER, field.getIndex()));
  }

  String of(EnumValueDescriptor value) {
    return at(
        join(path(value.getType()), EnumDescriptorProto.VALUE_FIELD_NUMBER, value.getIndex()));
  }

  private String at(List<Integer> path) {
    return byPath.getOrDefault(path, "");
  }

  private static List<Integer> path(Descriptor message) {
    @Nullable Descriptor parent = message.getContainingType();
    return parent == null
        ? List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, message.getIndex())
        : join(path(parent), DescriptorProto.NESTED_TYPE_FIELD_NUMBER, message.getIndex());
  }

  private static List<Integer> path(EnumDescriptor type) {
    @Nullable Descriptor parent = type.getContainingType();
    return parent == null
        ? List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, type.getIndex())
        : join(path(parent), DescriptorProto.ENUM_TYPE_FIELD_NUMBER, type.getIndex());
  }

  private static List<Integer> join(List<Integer> path, int field, int index) {
    List<Integer> longer = new ArrayList<>(path);
    longer.add(field);
    longer.add(index);
    return longer;
  }
}
