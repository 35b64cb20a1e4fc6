package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The build runs the tests on two JDKs: here it shows that it does. */
class TestedJdkTest {

  @Test
  void theTestsRunOnTheJdkThatTheBuildSays() {
    String here = System.getProperty("java.specification.version");
    assertThat(here).isEqualTo(System.getProperty("hermes.test.jdk", here));
  }
}
