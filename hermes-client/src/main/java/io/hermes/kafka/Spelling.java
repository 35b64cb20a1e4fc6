package io.hermes.kafka;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that a misspelled name was probably meant to be. Stateless. */
public final class Spelling {

  private Spelling() {}

  /**
   * The known name that differs least. Case and punctuation, where most typos occur, are ignored.
   *
   * @param given a name that is not one of the known names
   * @param known all valid names
   * @return null if none resembles it
   */
  public static @Nullable String closest(String given, Collection<String> known) {
    String letters = letters(given);
    String closest = null;
    int fewest =
        letters.length() < 8 ? 2 : 3; // a name with more edits than this is a different name
    for (String name : known) {
      int edits = edits(letters, letters(name));
      if (edits < fewest) {
        fewest = edits;
        closest = name;
      }
    }
    return closest;
  }

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
