package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.SettingsException;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;

/** Decides what a failed poll means, and how long to wait after it. Poll thread only. */
final class PollFailures {

  private static final String FAULT = "poll";
  private static final long FIRST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_WAIT_NS = TimeUnit.SECONDS.toNanos(5);

  /** Between two refused fetches, a poll may succeed because it only sends the next fetch. */
  private static final long WELL_NS = TimeUnit.SECONDS.toNanos(1);

  /** At least the longest time between two heartbeats, since each may be refused again. */
  private static final long WELL_AFTER_REFUSED_HEARTBEAT_NS = TimeUnit.SECONDS.toNanos(16);

  private final Group group;
  private final Member member;
  private final Rebalance rebalance;
  private final FlowControl flow;
  private final Faults faults;
  private int inARow;
  private long retriedNs;
  private long wellNs = WELL_NS;
  private boolean mayHaveEndedMembership;

  PollFailures(Group group, Member member, Rebalance rebalance, FlowControl flow, Faults faults) {
    this.group = group;
    this.member = member;
    this.rebalance = rebalance;
    this.flow = flow;
    this.faults = faults;
  }

  /**
   * A poll succeeded; the fault ends after a while without failures. Polls of a member that is not
   * in its group prove nothing, since they succeed, too.
   */
  void none() {
    if (inARow == 0) {
      return;
    }
    rejoinIfOut();
    if (System.nanoTime() - retriedNs > wellNs && member.hasJoined()) {
      inARow = 0;
      mayHaveEndedMembership = false;
      faults.end(FAULT);
    }
  }

  /**
   * A poll failed.
   *
   * @return how long to wait before the next one
   * @throws KafkaException the failure, if no later poll can succeed
   */
  long handle(KafkaException failure) {
    if (failure instanceof OffsetOutOfRangeException outOfRange) {
      return reset(outOfRange);
    }
    if (isFatal(failure)) {
      throw failure;
    }
    List<TopicPartition> owned = rebalance.owned().stream().map(Partition::id).toList();
    TopicPartition corrupt = KafkaFailures.unreadablePartition(failure, owned);
    if (corrupt != null) {
      block(corrupt, failure);
      return 0;
    }
    faults.begin(FAULT, fault(failure), failure);
    boolean ofHeartbeat =
        group.isOfConsumerProtocol() && failure instanceof TopicAuthorizationException;
    wellNs = ofHeartbeat ? WELL_AFTER_REFUSED_HEARTBEAT_NS : WELL_NS;
    mayHaveEndedMembership |= mayEndMembership(failure);
    rejoinIfOut();
    long waitNs = Math.min(FIRST_WAIT_NS << Math.min(inARow++, 10), LAST_WAIT_NS);
    retriedNs = System.nanoTime() + waitNs;
    return waitNs;
  }

  private static boolean isFatal(KafkaException failure) {
    if (failure instanceof AuthorizationException || failure instanceof AuthenticationException) {
      return false; // InvalidConfigurationExceptions, but ACLs and credentials may be fixed
    }
    return failure instanceof FencedInstanceIdException
        || failure instanceof UnsupportedAssignorException
        || failure instanceof InvalidGroupIdException
        || failure instanceof InvalidConfigurationException
        || failure instanceof UnsupportedVersionException
        || failure instanceof InterruptException;
  }

  /**
   * Whether Kafka's consumer may have ended its membership because of the failure. With the
   * consumer protocol it does so after every refused heartbeat that it does not retry itself; it
   * then gives up its partitions and never joins again.
   */
  private boolean mayEndMembership(KafkaException failure) {
    return group.isOfConsumerProtocol()
        && !(failure instanceof RetriableException)
        && !(failure instanceof TopicAuthorizationException);
  }

  private void rejoinIfOut() {
    if (mayHaveEndedMembership && rebalance.assigned().isEmpty()) {
      mayHaveEndedMembership = false;
      rebalance.rejoin("the group may have removed the previous one");
    }
  }

  private Fault fault(KafkaException failure) {
    KafkaException named = failure;
    if (failure instanceof GroupAuthorizationException refused && refused.groupId() == null) {
      named = GroupAuthorizationException.forGroupId(group.name());
    }
    boolean ofMembership =
        failure instanceof GroupMaxSizeReachedException
            || failure instanceof GroupIdNotFoundException // the group has another type
            || failure instanceof UnreleasedInstanceIdException
            || failure instanceof InconsistentGroupProtocolException
            || failure instanceof InvalidSessionTimeoutException
            || failure instanceof InvalidRequestException;
    return KafkaFailures.fault(
            ofMembership ? Fault.Kind.MEMBERSHIP : Fault.Kind.KAFKA,
            "Group " + group.name() + " receives no records",
            named,
            group.where(),
            null)
        .ofGroup(group.name());
  }

  /** Blocks the partition of an unreadable batch until an operator acts; the others continue. */
  private void block(TopicPartition corrupt, KafkaException failure) {
    long offset = member.consumer().position(corrupt);
    String text =
        "the batch at offset " + offset + " cannot be read, so no later record is handled";
    SettingsException unusable = NativeLibrary.explain(failure);
    Fault fault =
        unusable == null
            ? Fault.of(
                Fault.Kind.CORRUPT_BATCH,
                corrupt + ": " + text + ": " + failure.getMessage(),
                "Restore the partition from an intact replica, or move the group past the"
                    + " batch.")
            : Fault.of(
                Fault.Kind.KAFKA,
                corrupt + ": " + text,
                unusable,
                "This JVM can no longer load it.");
    faults.begin(corrupt.toString(), fault.ofPartition(corrupt).needsAction(), failure);
    flow.block(corrupt, text);
  }

  private long reset(OffsetOutOfRangeException failure) {
    Map<TopicPartition, Long> handledBelow = new HashMap<>();
    for (TopicPartition id : failure.offsetOutOfRangePartitions().keySet()) {
      OffsetAndMetadata diverged =
          failure instanceof LogTruncationException truncation
              ? truncation.divergentOffsets().get(id)
              : null;
      handledBelow.put(id, diverged == null ? 0 : diverged.offset());
    }
    try {
      rebalance.restart(handledBelow, "does not have the next offset");
      return 0;
    } catch (WakeupException | RetriableException | AuthorizationException e) {
      String what = "The start offsets are unknown for " + handledBelow.keySet();
      Fault fault = KafkaFailures.fault(Fault.Kind.POSITION, what, e, group.where(), null);
      faults.begin(FAULT, fault.ofGroup(group.name()), e);
      inARow++;
      retriedNs = System.nanoTime();
      return FIRST_WAIT_NS; // the next poll fails again
    }
  }
}
