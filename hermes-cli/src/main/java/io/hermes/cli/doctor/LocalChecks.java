package io.hermes.cli.doctor;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.RuntimeVersion;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.hermes.Encoding;
import io.hermes.cli.console.Version;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.codec.ZstdProtobufSerializer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Checks that need no broker. */
final class LocalChecks {

  private LocalChecks() {}

  static void run(Diagnosis diagnosis) {
    String protobuf =
        RuntimeVersion.MAJOR + "." + RuntimeVersion.MINOR + "." + RuntimeVersion.PATCH;
    diagnosis.ok(
        "versions", String.join(", ", new Version().getVersion()) + ", protobuf " + protobuf);
    zstd(diagnosis);
  }

  /** Compresses and decompresses a frame, which unpacks, loads and uses the native library. */
  private static void zstd(Diagnosis diagnosis) {
    @Nullable Throwable problem = null;
    try (var writer = new ZstdProtobufSerializer<Empty>(Encoding.ZSTD, ZstdOptions.defaults());
        var reader = new ZstdProtobufDeserializer<>(Empty.parser(), ZstdOptions.defaults())) {
      Empty event =
          Empty.newBuilder()
              .setUnknownFields(
                  UnknownFieldSet.newBuilder()
                      .addField(1, Field.newBuilder().addLengthDelimited(zeros()).build())
                      .build())
              .build();
      var headers = new ProducerRecord<byte[], byte[]>("doctor", new byte[0]).headers();
      byte[] frame = writer.serialize("doctor", headers, event);
      if (!event.equals(reader.deserialize("doctor", headers, frame))) {
        problem = new IllegalStateException("a frame was not decompressed correctly");
      }
    } catch (RuntimeException | LinkageError e) {
      problem = e;
    }
    if (problem == null) {
      Package zstd = LocalChecks.class.getClassLoader().getDefinedPackage("com.github.luben.zstd");
      String version = zstd == null ? "" : " " + zstd.getImplementationVersion();
      diagnosis.ok("zstd", "the native library of zstd-jni" + version + " works");
    } else {
      diagnosis.failure(
          "zstd",
          "the native library does not load: " + problem,
          "It is unpacked into the temporary directory, which must be writable and not"
              + " noexec. Set another one with JAVA_TOOL_OPTIONS=-DZstdTempFolder=<directory>.");
    }
  }

  private static ByteString zeros() {
    return ByteString.copyFrom(new byte[1_000]);
  }
}
