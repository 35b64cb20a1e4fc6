package io.hermes.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The .proto files of the repository by their import path, and where things are. */
final class ProtoFiles {

  private static final String SOURCES = "src/main/protobuf";

  private ProtoFiles() {}

  /** The root of the repository: tools and tests run in hermes-schema. */
  static Path repository() {
    return Path.of("..").toAbsolutePath().normalize();
  }

  static Path ownSources(Path repository) {
    return repository.resolve("hermes-schema").resolve(SOURCES);
  }

  /** Everything that a reader needs: the contract options and the events. */
  static SortedMap<String, String> read(Path repository) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    add(repository.resolve("hermes-contract").resolve(SOURCES), files);
    add(ownSources(repository), files);
    return files;
  }

  private static void add(Path root, SortedMap<String, String> files) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(file -> file.toString().endsWith(".proto")).toList()) {
        files.put(root.relativize(path).toString().replace('\\', '/'), Files.readString(path));
      }
    }
  }
}
