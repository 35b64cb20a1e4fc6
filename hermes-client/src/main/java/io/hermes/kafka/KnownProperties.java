package io.hermes.kafka;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/** The names of the properties that Kafka's clients know. Stateless. */
final class KnownProperties {

  static final Set<String> PRODUCER = ClassLoading.withOurs(ProducerConfig::configNames);
  static final Set<String> CONSUMER = ClassLoading.withOurs(ConsumerConfig::configNames);
  static final Set<String> ADMIN = ClassLoading.withOurs(AdminClientConfig::configNames);

  private static final Set<String> ALL = all();

  private KnownProperties() {}

  private static Set<String> all() {
    Set<String> all = new TreeSet<>(PRODUCER);
    all.addAll(CONSUMER);
    all.addAll(ADMIN);
    return all;
  }

  static boolean contains(String name) {
    return ALL.contains(name);
  }

  /**
   * The property that a name was probably intended to be. Interceptors, serdes and callback
   * handlers have properties of their own, so a name that resembles none of Kafka's is not
   * suspicious.
   *
   * @return Kafka's name; null if Kafka knows the given one, or none resembles it
   */
  static @Nullable String meantBy(String name) {
    if (ALL.contains(name)) {
      return null;
    }
    String letters = letters(name);
    String closest = null;
    int fewest =
        letters.length() < 8 ? 2 : 3; // a name with more edits than this is a different name
    for (String known : ALL) {
      int edits = edits(letters, letters(known));
      if (edits < fewest) {
        fewest = edits;
        closest = known;
      }
    }
    return closest;
  }

  /** Ignores case and punctuation, where most typos are. */
  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(row[j - 1], above[j]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
