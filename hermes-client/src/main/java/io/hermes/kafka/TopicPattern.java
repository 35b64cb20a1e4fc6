package io.hermes.kafka;

import java.util.regex.Pattern;

/**
 * The topics that a user's pattern matches, never Kafka's internal topics. Immutable.
 *
 * @param names matches the names of such topics
 */
public record TopicPattern(Pattern names) {

  private static final String OF_KAFKA = "(?!__)";

  /** All topics that match. */
  public static TopicPattern of(Pattern given) {
    return new TopicPattern(behind(OF_KAFKA, given));
  }

  /** All topics that match and whose names do not have this ending. */
  public static TopicPattern without(String ending, Pattern given) {
    return new TopicPattern(behind(OF_KAFKA + "(?!.*" + Pattern.quote(ending) + "$)", given));
  }

  private static Pattern behind(String condition, Pattern given) {
    boolean literal = (given.flags() & Pattern.LITERAL) != 0;
    String text = literal ? Pattern.quote(given.pattern()) : given.pattern();
    // The newline ends a comment in the given pattern.
    String end = (given.flags() & Pattern.COMMENTS) != 0 ? "\n)" : ")";
    return Pattern.compile(condition + "(?:" + text + end, given.flags() & ~Pattern.LITERAL);
  }

  /** Whether it matches a topic's name. */
  public boolean matches(String topic) {
    return names.matcher(topic).matches();
  }
}
