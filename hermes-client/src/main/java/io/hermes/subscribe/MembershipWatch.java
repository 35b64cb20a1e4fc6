package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Detects a member that has no partitions and is not in its group, whether Kafka reported an error
 * or not. A member without partitions because the group has more members than partitions sends
 * heartbeats, and is healthy. Poll thread only.
 */
final class MembershipWatch {

  private static final String FAULT = "membership";
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private final Group group;
  private final Member member;
  private final Rebalance rebalance;
  private final Faults faults;
  private final Duration patience;
  private long checkedNs = System.nanoTime();
  private long wellNs = System.nanoTime();

  MembershipWatch(
      Group group, Member member, Rebalance rebalance, Faults faults, Duration patience) {
    this.group = group;
    this.member = member;
    this.rebalance = rebalance;
    this.faults = faults;
    this.patience = patience;
  }

  void check(long nowNs) {
    if (nowNs - checkedNs < INTERVAL_NS) {
      return;
    }
    checkedNs = nowNs;
    if (faults.has("brokers")) {
      wellNs = nowNs; // membership cannot be judged without brokers
    } else if (!rebalance.assigned().isEmpty()
        || (member.hasJoined() && member.sendsHeartbeats(patience))) {
      wellNs = nowNs;
      faults.end(FAULT);
    } else if (nowNs - wellNs > patience.toNanos()) {
      wellNs = nowNs; // wait as long again before the next attempt
      String problem =
          "The member is not in group "
              + group.name()
              + ": it has no partitions and has sent no heartbeat for more than "
              + patience.toSeconds()
              + " s.";
      faults.begin(
          FAULT,
          Fault.of(
                  Fault.Kind.MEMBERSHIP,
                  problem,
                  "Check the group's coordinator, and that no other member holds up a rebalance.")
              .ofGroup(group.name()),
          null);
      // In the classic protocol the consumer itself keeps trying to join.
      if (group.isOfConsumerProtocol()) {
        rebalance.rejoin("it is not in the group");
      }
    }
  }
}
