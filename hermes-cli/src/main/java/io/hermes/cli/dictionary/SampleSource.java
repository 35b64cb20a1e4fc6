package io.hermes.cli.dictionary;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.Encoding;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.UndecodableEventException;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.codec.ZstdOptions;
import io.hermes.read.HermesReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes plain values from a topic or from files, and counts the values that cannot be used. Not
 * thread-safe.
 */
final class SampleSource {

  private final Samples samples;
  private final Progress progress;
  private long skipped;
  private @Nullable String firstProblem;

  SampleSource(Samples samples, Progress progress) {
    this.samples = samples;
    this.progress = progress;
  }

  /** Takes the values of all events up to the current end. */
  void read(HermesReader<DynamicMessage> reader, Stop stop) {
    for (EventRecord<DynamicMessage> record : reader) {
      if (stop.isRequested()) {
        throw new HermesException("Ended before all records were read.", null);
      }
      progress.step();
      byte[] value = record.rawValue();
      if (value == null) {
        continue;
      }
      try {
        byte[] event = record.event().toByteArray();
        samples.offer(record.encoding() == Encoding.PLAIN ? value : event);
      } catch (UndecodableEventException e) {
        skip(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Takes files with one value each, and all files of folders.
   *
   * @throws SettingsException if one cannot be read
   */
  void read(List<Path> filesAndFolders) {
    for (Path path : filesAndFolders) {
      try {
        for (Path file : files(path)) {
          progress.step();
          read(file);
        }
      } catch (IOException e) {
        throw new SettingsException(path + " cannot be read: " + reason(e) + ".", e);
      }
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(path)) {
      all.filter(f -> !Objects.toString(f.getFileName()).startsWith(".") && Files.isRegularFile(f))
          .sorted()
          .forEach(files::add);
    }
    return files;
  }

  private void read(Path file) throws IOException {
    int most = ZstdOptions.defaults().maxEventBytes();
    byte[] value;
    try (InputStream in = Files.newInputStream(file)) {
      value = in.readNBytes(most + 1);
    }
    try {
      boolean isEmpty = Empty.parseFrom(value).getUnknownFields().asMap().isEmpty();
      if (isEmpty || value.length > most) {
        skip(file + (isEmpty ? " is empty." : " is larger than the maximum size of an event."));
      } else {
        samples.offer(value);
      }
    } catch (InvalidProtocolBufferException e) {
      skip(file + " is not a protobuf message: " + e.getMessage());
    }
  }

  private static String reason(IOException e) {
    String type = e.getClass().getSimpleName();
    return switch (type) {
      case "NoSuchFileException" -> "the file or folder does not exist";
      case "AccessDeniedException" -> "permission denied";
      default -> e.toString();
    };
  }

  private void skip(String problem) {
    skipped++;
    firstProblem = firstProblem == null ? problem : firstProblem;
  }

  /** The number of values that could not be decoded. */
  long skipped() {
    return skipped;
  }

  /** Why the first one could not be decoded; null if all of them could. */
  @Nullable String firstProblem() {
    return firstProblem;
  }
}
