package io.hermes.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The topics that a user's pattern matches, never Kafka's internal topics. Immutable.
 *
 * @param names the pattern for full topic names
 */
public record TopicPattern(Pattern names) {

  private static final String OF_KAFKA = "(?!__)";

  /** All topics that match. */
  public static TopicPattern of(Pattern given) {
    return new TopicPattern(behind(OF_KAFKA, given));
  }

  /** All topics that match and whose names do not end with this suffix. */
  public static TopicPattern without(String ending, Pattern given) {
    return new TopicPattern(behind(OF_KAFKA + "(?!.*" + Pattern.quote(ending) + "$)", given));
  }

  /** A pattern for names with a prefix: the part after it matches the given pattern. */
  static Pattern after(String prefix, Pattern given) {
    String quoted = prefix.replace(".", "\\.");
    boolean literal = (given.flags() & Pattern.LITERAL) != 0;
    Pattern moved =
        literal
            ? given
            : Pattern.compile(withStart("(?<=^" + quoted + ")", given.pattern()), given.flags());
    boolean anyCase = (given.flags() & Pattern.CASE_INSENSITIVE) != 0;
    return behind(anyCase ? "(?-i:" + quoted + ")" : quoted, moved);
  }

  /** Replaces an expression's start anchors, except inside character classes. */
  private static String withStart(String start, String expression) {
    StringBuilder result = new StringBuilder();
    int classes = 0; // depth: classes nest, as in [a-z&&[^k]]
    for (String token : tokens(expression)) {
      boolean anchor = token.equals("^") || token.equals("\\A") || token.equals("\\G");
      if (token.equals("[")) {
        classes++;
      } else if (token.equals("]") && classes > 0) {
        classes--;
      }
      result.append(anchor && classes == 0 ? start : token);
    }
    return result.toString();
  }

  /** Its characters, escapes and quotations; an unterminated quotation is terminated. */
  private static List<String> tokens(String expression) {
    List<String> tokens = new ArrayList<>();
    int begin = 0;
    while (begin < expression.length()) {
      int end = begin + 1;
      boolean endless = false;
      if (expression.startsWith("\\Q", begin)) {
        int close = expression.indexOf("\\E", begin);
        endless = close < 0;
        end = endless ? expression.length() : close + 2;
      } else if (expression.charAt(begin) == '\\') {
        end = begin + 2;
      }
      tokens.add(expression.substring(begin, end) + (endless ? "\\E" : ""));
      begin = end;
    }
    return tokens;
  }

  private static Pattern behind(String condition, Pattern given) {
    boolean literal = (given.flags() & Pattern.LITERAL) != 0;
    String text =
        literal ? Pattern.quote(given.pattern()) : String.join("", tokens(given.pattern()));
    // The newline ends a comment in the given pattern.
    String end = (given.flags() & Pattern.COMMENTS) != 0 ? "\n)" : ")";
    return Pattern.compile(condition + "(?:" + text + end, given.flags() & ~Pattern.LITERAL);
  }

  /** Whether it matches a topic's name. */
  public boolean matches(String topic) {
    return names.matcher(topic).matches();
  }
}
