package io.hermes;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * What keeps a publisher or a subscriber from doing all of its work at this moment. Both report
 * theirs in {@code health()}, and log each once when it begins and once when it is over. Immutable.
 *
 * @param kind what sort of fault it is; for metrics and alerts
 * @param problem what is wrong, on which object and why, in one or two sentences
 * @param remedy what to do about it, in one sentence
 * @param since when it began
 * @param resumes whether Hermes retries and resumes by itself once the cause is gone; false where
 *     somebody has to act
 * @param brokers the brokers concerned, each as {@code host:port}; empty if it is about no broker
 * @param topic the topic concerned, also where it is about one partition
 * @param partition the partition concerned
 * @param group the consumer group concerned
 */
public record Fault(
    Kind kind,
    String problem,
    String remedy,
    Instant since,
    boolean resumes,
    List<String> brokers,
    Optional<String> topic,
    Optional<TopicPartition> partition,
    Optional<String> group) {

  /** The sorts of faults. New ones may be added. */
  public enum Kind {
    /** No broker responds. */
    BROKERS,
    /** The leader of a partition does not respond, or the partition has none. */
    LEADER,
    /** A topic does not exist any more. */
    TOPIC,
    /** The group does not accept this member, or has not given it partitions in time. */
    MEMBERSHIP,
    /** The principal lacks a permission, or the brokers refuse its credentials. */
    ACCESS,
    /** Offsets cannot be committed. */
    COMMIT,
    /** It is not known where to read a partition from. */
    POSITION,
    /** An open transaction keeps the records after it from being read. */
    OPEN_TRANSACTION,
    /** A batch is damaged. */
    CORRUPT_BATCH,
    /** A dead letter cannot be written. */
    DEAD_LETTER,
    /** The executor of the handlers does not take work. */
    EXECUTOR,
    /** Events on their way to a broker are not acknowledged. */
    DELIVERY,
    /** Something else that Kafka reports. */
    KAFKA
  }

  /** Checks that nothing is missing, and copies the list. */
  public Fault {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(remedy, "remedy");
    Objects.requireNonNull(since, "since");
    brokers = List.copyOf(brokers);
  }

  /**
   * A fault that begins now and that Hermes retries; it names no object yet.
   *
   * @param kind what sort of fault it is
   * @param problem what is wrong
   * @param remedy what to do about it
   * @return the fault
   */
  public static Fault of(Kind kind, String problem, String remedy) {
    return new Fault(
        kind,
        problem,
        remedy,
        Instant.now(),
        true,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same fault, since another time. */
  public Fault since(Instant begin) {
    return new Fault(kind, problem, remedy, begin, resumes, brokers, topic, partition, group);
  }

  /** The same fault, which ends only if somebody acts. */
  public Fault needsAction() {
    return new Fault(kind, problem, remedy, since, false, brokers, topic, partition, group);
  }

  /** The same fault, of these brokers. */
  public Fault ofBrokers(List<String> addresses) {
    return new Fault(kind, problem, remedy, since, resumes, addresses, topic, partition, group);
  }

  /** The same fault, of this topic. */
  public Fault ofTopic(String name) {
    return new Fault(
        kind, problem, remedy, since, resumes, brokers, Optional.of(name), partition, group);
  }

  /** The same fault, of this partition. */
  public Fault ofPartition(TopicPartition id) {
    return new Fault(
        kind,
        problem,
        remedy,
        since,
        resumes,
        brokers,
        Optional.of(id.topic()),
        Optional.of(id),
        group);
  }

  /** The same fault, of this consumer group. */
  public Fault ofGroup(String id) {
    return new Fault(
        kind, problem, remedy, since, resumes, brokers, topic, partition, Optional.of(id));
  }

  /** Problem, remedy and begin, for a log or a person. */
  @Override
  public String toString() {
    return problem + " " + remedy + " (since " + since + ")";
  }
}
