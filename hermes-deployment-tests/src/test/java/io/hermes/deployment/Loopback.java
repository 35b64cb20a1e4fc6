package io.hermes.deployment;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Loopback addresses of one test, so that brokers can have their real ports beside others. */
final class Loopback {

  private final String prefix =
      "127."
          + ThreadLocalRandom.current().nextInt(64, 127)
          + "."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + ".";

  String address(int last) {
    return prefix + last;
  }

  /** A file in the form of /etc/hosts. */
  static Path hosts(Path file, Map<String, String> addressByName) {
    return Repository.write(
        file,
        "127.0.0.1 localhost\n"
            + addressByName.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey() + "\n")
                .collect(Collectors.joining()));
  }
}
