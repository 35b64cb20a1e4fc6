package io.hermes.cli;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** An event of another team, of which the command line has a descriptor set and no class. */
public final class NewEvent {

  private static final String RESOURCE = "META-INF/hermes/orders.binpb";

  private NewEvent() {}

  private static byte[] descriptorSet(TopicContract contract) {
    return FileDescriptorSet.newBuilder()
        .addFile(
            FileDescriptorProto.newBuilder()
                .setName("orders/v1/order_placed.proto")
                .setPackage("orders.v1")
                .setSyntax("proto3")
                .addDependency("hermes/contract/v1/topic.proto")
                .addMessageType(
                    DescriptorProto.newBuilder()
                        .setName("OrderPlaced")
                        .addField(field("order_id", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("cents", 2, FieldDescriptorProto.Type.TYPE_INT64))
                        .setOptions(
                            MessageOptions.newBuilder().setExtension(TopicProto.topic, contract))))
        .build()
        .toByteArray();
  }

  private static TopicContract contract(String topic) {
    return TopicContract.newBuilder().setName(topic).setKeyField("order_id").build();
  }

  private static FieldDescriptorProto field(
      String name, int number, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder().setName(name).setNumber(number).setType(type).build();
  }

  /** Writes the descriptor set into a folder. */
  public static Path inFolder(Path temp, String topic) throws IOException {
    return inFolder(temp, contract(topic));
  }

  /** Writes the descriptor set with this contract into a folder. */
  public static Path inFolder(Path temp, TopicContract contract) throws IOException {
    Path folder = temp.resolve("classes");
    Path file = folder.resolve(RESOURCE);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, descriptorSet(contract));
    return folder;
  }

  /** Writes the descriptor set into a jar. */
  public static Path inJar(Path temp, String topic) throws IOException {
    Path jar = temp.resolve("orders.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      out.putNextEntry(new JarEntry("META-INF/hermes/")); // as Maven's jar plugin does
      out.putNextEntry(new JarEntry(RESOURCE));
      out.write(descriptorSet(contract(topic)));
    }
    return jar;
  }

  /** Runs with one more place on this thread's class path. */
  public static void onClassPath(Path place, Runnable task) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader with = new URLClassLoader(new URL[] {place.toUri().toURL()}, before)) {
      thread.setContextClassLoader(with);
      task.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
