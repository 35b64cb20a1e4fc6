package io.hermes.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What docs/outbox.md tells its readers to write into a file. */
final class OutboxGuide {

  private static final Path FILE = Path.of("../docs/outbox.md");

  private OutboxGuide() {}

  /** The only block in that language, without the indentation of its list. */
  static String snippet(String language) throws IOException {
    String guide = Files.readString(FILE);
    String fence = "```" + language + "\n";
    int start = guide.indexOf(fence);
    if (start < 0 || guide.indexOf(fence, start + 1) >= 0) {
      throw new AssertionError(FILE + " should have one block in " + language);
    }
    int from = start + fence.length();
    return guide.substring(from, guide.indexOf("```", from)).stripIndent();
  }
}
