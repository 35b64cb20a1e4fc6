package io.hermes.opentelemetry;

import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.KafkaCluster;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is reported while no broker responds. */
@Tag("full")
@Timeout(120)
@SuppressWarnings("try") // a subscriber that only runs
class OutageMetricsTest {

  private static List<Long> lag(Users users) {
    return users
        .metric("hermes.subscriber.lag")
        .orElseThrow()
        .getLongGaugeData()
        .getPoints()
        .stream()
        .map(LongPointData::getValue)
        .toList();
  }

  private static double lagAge(Users users) {
    return users
        .metric("hermes.subscriber.lag_age")
        .orElseThrow()
        .getDoubleGaugeData()
        .getPoints()
        .iterator()
        .next()
        .getValue();
  }

  private static boolean isFault(Users users, String metric) {
    return users.metric(metric).orElseThrow().getLongSumData().getPoints().stream()
        .filter(
            point -> "brokers".equals(point.getAttributes().get(stringKey("hermes.fault.kind"))))
        .allMatch(point -> point.getValue() == 1);
  }

  @Test
  void theLagStaysItsAgeGrowsAndTheFaultComesAndGoes() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (KafkaCluster cluster = KafkaCluster.start();
        Users users = new Users(cluster, 1)) {
      users.publishInTraces(3);
      try (var publisher = users.publisher();
          HermesSubscriber subscriber = users.subscriber().start(delivery -> goOn.await())) {
        Users.await(
            "the lag is known",
            () -> users.metric("hermes.subscriber.lag").isPresent() && lag(users).get(0) == 3);
        assertThat(isFault(users, "hermes.subscriber.faults")).isFalse();
        cluster.brokers().get(0).kill();
        Users.await("a fault", () -> isFault(users, "hermes.subscriber.faults"));
        Users.await("and of the publisher", () -> isFault(users, "hermes.publisher.faults"));
        double age = lagAge(users);
        assertThat(age).isGreaterThan(1);
        assertThat(lag(users)).containsExactly(3L);
        Users.await("the age grows", () -> lagAge(users) > age);
        assertThat(lag(users)).containsExactly(3L);
        cluster.brokers().get(0).start();
        Users.await("no fault", () -> !isFault(users, "hermes.subscriber.faults"));
        goOn.countDown();
        Users.await("all are handled", () -> lag(users).get(0) == 0);
      }
    }
  }
}
