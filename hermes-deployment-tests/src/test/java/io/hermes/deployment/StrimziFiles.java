package io.hermes.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The resources in k8s/strimzi. */
final class StrimziFiles {

  private StrimziFiles() {}

  static List<Path> all() {
    try (Stream<Path> files = Files.list(Repository.file("k8s/strimzi"))) {
      return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Map<?, ?>> load(Path file) {
    return parse(Repository.read(file));
  }

  /** A key that is there twice is a failure. */
  static List<Map<?, ?>> parse(String text) {
    LoaderOptions strict = new LoaderOptions();
    strict.setAllowDuplicateKeys(false);
    List<Map<?, ?>> objects = new ArrayList<>();
    for (Object object : new Yaml(new SafeConstructor(strict)).loadAll(text)) {
      objects.add((Map<?, ?>) object);
    }
    return objects;
  }

  /** What is at a path of keys. */
  static Object at(Map<?, ?> object, String... path) {
    Object at = object;
    for (String key : path) {
      at = ((Map<?, ?>) at).get(key);
      if (at == null) {
        throw new AssertionError("No " + key + " in " + object);
      }
    }
    return at;
  }

  static Map<?, ?> one(String file, String kind, String name) {
    return load(Repository.file("k8s/strimzi/" + file)).stream()
        .filter(o -> kind.equals(o.get("kind")) && name.equals(at(o, "metadata", "name")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No " + kind + " " + name + " in " + file));
  }
}
