package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs a test class inside the test, with another choice of broker. */
class BrokerChoiceTest {

  private static final List<Kafka> INJECTED = new ArrayList<>();

  @KafkaTest
  static class TwoTests {
    @Test
    void one(Kafka kafka) {
      INJECTED.add(kafka);
    }

    @Test
    void another(Kafka kafka) {
      INJECTED.add(kafka);
    }
  }

  @Test
  void aMisspeltChoiceFailsEveryTest() {
    assertFailed(runWith("embeded"), "Choose embedded, testcontainers or <host:port>");
  }

  @Test
  @Tag("full")
  void aKafkaThatDoesNotAnswerFailsEveryTest() {
    String nobody = "127.0.0.1:" + Ports.free();
    assertFailed(runWith(nobody), "No Kafka responds at " + nobody);
  }

  @Test
  void usesTheKafkaThatRunsAtTheChosenAddressAndLeavesItRunning() {
    try (EmbeddedKafka other = EmbeddedKafka.start()) {
      runWith(other.bootstrapServers()).assertStatistics(result -> result.succeeded(2));
      assertThat(INJECTED).hasSize(2).allMatch(kafka -> kafka instanceof ExternalKafka);
      other.createTopic("still-there", 1);
    }
  }

  @Test
  void embeddedEndsAfterTheLastTest() {
    runWith("embedded").assertStatistics(result -> result.succeeded(2));
    assertThat(INJECTED).hasSize(2).allMatch(kafka -> kafka instanceof EmbeddedKafka);
    String address = INJECTED.get(0).bootstrapServers();
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    assertThat(Ports.isFree(port)).isTrue();
  }

  private static void assertFailed(Events tests, String message) {
    tests.assertStatistics(result -> result.started(2).skipped(0).failed(2));
    tests
        .failed()
        .assertThatEvents()
        .haveExactly(2, finishedWithFailure(message(text -> text.contains(message))));
  }

  private static Events runWith(String choice) {
    INJECTED.clear();
    String before = System.getProperty(SharedKafka.PROPERTY);
    System.setProperty(SharedKafka.PROPERTY, choice);
    try {
      return EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(TwoTests.class))
          .execute()
          .testEvents();
    } finally {
      if (before == null) {
        System.clearProperty(SharedKafka.PROPERTY);
      } else {
        System.setProperty(SharedKafka.PROPERTY, before);
      }
    }
  }
}
