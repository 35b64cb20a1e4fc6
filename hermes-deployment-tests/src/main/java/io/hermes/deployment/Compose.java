package io.hermes.deployment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Compose files, merged and with the variables of .env, as docker-compose does it. */
final class Compose {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)}");

  private final Map<String, Object> content;

  private Compose(Map<String, Object> content) {
    this.content = content;
  }

  static Compose load(String... files) {
    Map<String, Object> merged = new LinkedHashMap<>();
    for (String file : files) {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      Object parsed = new Yaml(new SafeConstructor(options)).load(interpolate(file));
      merge(merged, map(parsed));
    }
    return new Compose(merged);
  }

  /** The variables that .env gives to the compose files. */
  static Map<String, String> dotEnv() {
    return variables(Repository.file(".env"));
  }

  static Map<String, String> variables(Path file) {
    Map<String, String> variables = new TreeMap<>();
    Repository.read(file)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .forEach(pair -> variables.put(pair[0], pair[1]));
    return variables;
  }

  Map<String, Object> services() {
    return map(content.get("services"));
  }

  Map<String, Object> service(String name) {
    return map(services().get(name));
  }

  Map<String, String> environment(String service) {
    Map<String, String> environment = new TreeMap<>();
    map(service(service).get("environment")).forEach((k, v) -> environment.put(k, v.toString()));
    return environment;
  }

  List<String> strings(String service, String key) {
    Object value = service(service).get(key);
    return value instanceof List<?> list ? list.stream().map(Object::toString).toList() : List.of();
  }

  /**
   * The mounts of a service by their path in the container; of two at one path, the later file's.
   */
  Map<String, String> mounts(String service) {
    Map<String, String> mounts = new TreeMap<>();
    if (service(service).get("volumes") instanceof List<?> volumes) {
      for (Object volume : volumes) {
        String target =
            volume instanceof Map<?, ?> options
                ? String.valueOf(options.get("target"))
                : volume.toString().split(":", -1)[1];
        mounts.put(target, volume.toString());
      }
    }
    return mounts;
  }

  @SuppressWarnings("unchecked") // compose files have text keys only
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static String interpolate(String file) {
    Map<String, String> variables = dotEnv();
    return VARIABLE
        .matcher(Repository.read(file))
        .replaceAll(
            found -> {
              String value = variables.get(found.group(1));
              if (value == null) {
                throw new AssertionError(file + " uses " + found.group() + ", not in .env");
              }
              return Matcher.quoteReplacement(value);
            });
  }

  private static void merge(Map<String, Object> into, Map<String, Object> from) {
    from.forEach(
        (key, value) -> {
          Object present = into.get(key);
          if (present instanceof Map && value instanceof Map) {
            merge(map(present), map(value));
          } else if (present instanceof List<?> first && value instanceof List<?> second) {
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            into.put(key, both);
          } else {
            into.put(key, value);
          }
        });
  }
}
