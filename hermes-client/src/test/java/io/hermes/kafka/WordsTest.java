package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures and names as people write them. */
class WordsTest {

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 ms",
    "PT0.2S, 200 ms",
    "PT-1S, -1 s",
    "PT10S, 10 s",
    "PT1M, 60 s",
    "PT1M5.5S, 65.5 s",
    "PT2M, 2 min",
    "PT2M5S, 2 min 5 s",
    "PT1H, 60 min",
    "PT2H, 2 h",
    "PT2H5M, 2 h 5 min",
    "PT75H, 3 d 3 h",
    "PT2562047788015215H, 106751991167300 d 15 h"
  })
  void aDurationHasItsUnits(Duration duration, String words) {
    assertThat(Words.duration(duration)).isEqualTo(words);
  }

  @Test
  void oneIsSingular() {
    assertThat(Words.count(0, "partition")).isEqualTo("0 partitions");
    assertThat(Words.count(1, "partition")).isEqualTo("1 partition");
    assertThat(Words.count(2, "partition")).isEqualTo("2 partitions");
  }

  @Test
  void theClosestNameIsSuggestedAndAnUnrelatedOneIsNot() {
    List<String> known = List.of("drain-timeout", "open-timeout", "from");
    assertThat(Spelling.closest("drainTimout", known)).isEqualTo("drain-timeout");
    assertThat(Spelling.closest("frm", known)).isEqualTo("from");
    assertThat(Spelling.closest("form", known)).isEqualTo("from");
    assertThat(Spelling.closest("retries", known)).isNull();
  }
}
