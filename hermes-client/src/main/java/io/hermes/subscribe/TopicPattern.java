package io.hermes.subscribe;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that a subscriber's pattern matches, without dead letter topics: what could not be
 * handled is there, so to handle it again would be a loop. Immutable.
 *
 * @param names matches the names of such topics, for Kafka's consumer
 */
record TopicPattern(Pattern names) {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  static TopicPattern of(Pattern given) {
    boolean literal = (given.flags() & Pattern.LITERAL) != 0;
    String text = literal ? Pattern.quote(given.pattern()) : given.pattern();
    // A comment of the given pattern ends with its line.
    String end = (given.flags() & Pattern.COMMENTS) != 0 ? "\n)" : ")";
    String noDeadLetters = "(?!.*" + Pattern.quote(DeadLetterHeaders.topicOf("")) + "$)";
    return new TopicPattern(
        Pattern.compile(noDeadLetters + "(?:" + text + end, given.flags() & ~Pattern.LITERAL));
  }

  /** Those of the given names that match. */
  List<String> find(Set<String> topics) {
    List<String> found = topics.stream().filter(topic -> names.matcher(topic).matches()).toList();
    if (found.isEmpty()) {
      LOG.warn("No topic matches {}: waiting for one", names);
    }
    return found;
  }
}
