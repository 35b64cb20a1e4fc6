package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A pattern with conditions before it means what it meant. */
class TopicPatternTest {

  @Test
  void keepsWhatTheGivenPatternMeans() {
    assertThat(matches(Pattern.compile("a|b"), "a", "b", "ab", "a-dlt")).isEqualTo("1100");
    assertThat(matches(Pattern.compile(".*"), "a", "__consumer_offsets", "a-dlt")).isEqualTo("100");
    assertThat(TopicPattern.of(Pattern.compile(".*")).matches("a-dlt")).isTrue();
    assertThat(matches(Pattern.compile("(a)\\1.*"), "aa", "ab", "aa-dlt")).isEqualTo("100");
    assertThat(matches(Pattern.compile("A", Pattern.CASE_INSENSITIVE), "a")).isEqualTo("1");
    assertThat(matches(Pattern.compile("a.b", Pattern.LITERAL), "a.b", "axb")).isEqualTo("10");
    assertThat(matches(Pattern.compile("a # an a", Pattern.COMMENTS), "a", "b")).isEqualTo("10");
  }

  private static String matches(Pattern given, String... topics) {
    TopicPattern pattern = TopicPattern.without("-dlt", given);
    StringBuilder matches = new StringBuilder();
    for (String topic : topics) {
      matches.append(pattern.matches(topic) ? 1 : 0);
    }
    return matches.toString();
  }
}
