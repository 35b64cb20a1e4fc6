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

  /** Levenshtein's distance, with two exchanged neighbors as one edit. */
  private static int edits(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        boolean isSame = a.charAt(i - 1) == b.charAt(j - 1);
        int least = edits[i - 1][j - 1] + (isSame ? 0 : 1);
        least = Math.min(least, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, 1 + edits[i - 2][j - 2]);
        }
        edits[i][j] = least;
      }
    }
    return edits[a.length()][b.length()];
  }
}
