package io.hermes.cli.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes Strimzi's resources: their common header, names, and YAML values. */
final class Strimzi {

  /** The name of the Kafka resource in {@code k8s/strimzi}. */
  static final String CLUSTER = "hermes";

  private static final int LONGEST_NAME = 253;
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"); // RFC 1123
  private static final Pattern PLAIN = Pattern.compile("-?(0|[1-9][0-9]{0,15})|[a-z][a-z0-9.-]*");
  private static final Set<String> NO_TEXT =
      Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

  private Strimzi() {}

  /** Whether Kubernetes accepts this as the name of a resource. */
  static boolean isResourceName(String name) {
    return name.length() <= LONGEST_NAME && NAME.matcher(name).matches();
  }

  /**
   * The resource's name for a name in Kafka. If Kubernetes does not accept that name unchanged, a
   * hash makes the resource's name unique.
   */
  static String resourceName(String name) {
    if (isResourceName(name)) {
      return name;
    }
    String hash = HexFormat.of().formatHex(sha256(name), 0, 4);
    String similar = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    int longest = LONGEST_NAME - hash.length() - 1;
    similar = similar.substring(0, Math.min(similar.length(), longest));
    similar = similar.replaceAll("^-|-$", "");
    return similar.isEmpty() ? "x-" + hash : similar + "-" + hash;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }

  /** The header of a resource, up to its {@code spec}. */
  static String head(String kind, String name, String cluster) {
    return """
    ---
    apiVersion: kafka.strimzi.io/v1
    kind: %s
    metadata:
      name: %s
      labels:
        app.kubernetes.io/part-of: hermes
        strimzi.io/cluster: %s
    """
        .formatted(kind, text(resourceName(name)), text(cluster));
  }

  /** A value as YAML; a number stays a number. */
  static String text(String value) {
    return PLAIN.matcher(value).matches() && !NO_TEXT.contains(value)
        ? value
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
