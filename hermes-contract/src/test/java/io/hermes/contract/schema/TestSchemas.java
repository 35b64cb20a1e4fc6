package io.hermes.contract.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/** Descriptor sets on the tests' class path. */
final class TestSchemas {

  private TestSchemas() {}

  static Path path(String resource) {
    URL url = TestSchemas.class.getResource(resource);
    if (url == null) {
      throw new AssertionError("not on the class path: " + resource);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] bytes(String resource) {
    try {
      return Files.readAllBytes(path(resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
