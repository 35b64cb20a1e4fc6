package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
    assertThat(matches(Pattern.compile("\\Qa.b"), "a.b", "axb")).isEqualTo("10");
    assertThat(matches(Pattern.compile("a # an a", Pattern.COMMENTS), "a", "b")).isEqualTo("10");
  }

  @Test
  void afterAPrefixItMatchesWhatItMatchedWithoutIt() {
    List<Pattern> patterns =
        List.of(
            Pattern.compile(".*"),
            Pattern.compile("a|b"),
            Pattern.compile("^a$|^b|\\Ac"),
            Pattern.compile("x^a|.*^a"),
            Pattern.compile("[^a[^b]]|[a^]+\\^?"),
            Pattern.compile("\\Q^[\\E^?a"),
            Pattern.compile("\\Q^a"),
            Pattern.compile("^A", Pattern.CASE_INSENSITIVE),
            Pattern.compile("^a", Pattern.LITERAL),
            Pattern.compile("^a # an a", Pattern.COMMENTS),
            Pattern.compile("(a)\\1"));
    List<String> names = List.of("a", "b", "c", "ab", "aa", "xa", "^", "^a", "^[a", "p.a");
    for (Pattern pattern : patterns) {
      Pattern after = TopicPattern.after("p.", pattern);
      for (String name : names) {
        boolean matched = pattern.matcher(name).matches();
        String what = pattern + " of " + name;
        assertThat(after.matcher("p." + name).matches()).as(what).isEqualTo(matched);
        assertThat(after.matcher("P." + name).matches()).as(what).isFalse();
        assertThat(after.matcher("px" + name).matches()).as(what).isFalse();
        assertThat(after.matcher("q" + name).matches()).as(what).isFalse();
      }
    }
    Pattern all = TopicPattern.after("p.", Pattern.compile(".*"));
    assertThat(matches(all, "p.a", "p.a-dlt", "a")).isEqualTo("100");
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
