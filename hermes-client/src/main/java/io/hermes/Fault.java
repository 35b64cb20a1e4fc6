package io.hermes;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * A problem that currently keeps a publisher or a subscriber from doing all of its work. Both
 * report their faults in {@code health()}, and log each one once when it begins and once when it
 * ends. Immutable.
 *
 * @param kind the category, for metrics and alerts
 * @param problem what is wrong, on which object and why, in one or two sentences
 * @param advice what to do about it, in one sentence
 * @param since when it began
 * @param resumes whether Hermes retries and resumes by itself once the cause is gone; false if
 *     someone must act
 * @param brokers the affected brokers, each as {@code host:port}; empty if no particular broker is
 *     affected
 * @param topic the affected topic, also set if only one partition is affected
 * @param partition the affected partition
 * @param group the affected consumer group
 */
public record Fault(
    Kind kind,
    String problem,
    String advice,
    Instant since,
    boolean resumes,
    List<String> brokers,
    Optional<String> topic,
    Optional<TopicPartition> partition,
    Optional<String> group) {

  /** The categories of faults. New ones may be added. */
  public enum Kind {
    /** No broker responds. */
    BROKERS,
    /** The leader of a partition does not respond, or the partition has none. */
    LEADER,
    /** A topic no longer exists. */
    TOPIC,
    /** The group does not accept this member, or has not assigned it partitions in time. */
    MEMBERSHIP,
    /** The principal lacks a permission, or the brokers refuse its credentials. */
    ACCESS,
    /** Offsets cannot be committed. */
    COMMIT,
    /** The position to read a partition from cannot be determined. */
    POSITION,
    /** An open transaction blocks reading the records after it. */
    OPEN_TRANSACTION,
    /** A batch is corrupt. */
    CORRUPT_BATCH,
    /** A dead-letter record cannot be written. */
    DEAD_LETTER,
    /** The handlers' executor does not accept work. */
    EXECUTOR,
    /** Events in flight to a broker are not being acknowledged. */
    DELIVERY,
    /** An operation on an outbox's database fails. */
    DATABASE,
    /** An outbox has events that were rejected and set aside. */
    PARKED,
    /** Something else that Kafka reports. */
    KAFKA
  }

  /** Checks that all required parts are present, and copies the list. */
  public Fault {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(advice, "advice");
    Objects.requireNonNull(since, "since");
    brokers = List.copyOf(brokers);
  }

  /**
   * A fault that begins now and that Hermes retries. It does not name an affected object yet.
   *
   * @param kind the category
   * @param problem what is wrong; gets a period if it ends with a word
   * @param advice what to do about it
   * @return the fault
   */
  public static Fault of(Kind kind, String problem, String advice) {
    return new Fault(
        kind,
        sentence(problem),
        advice,
        Instant.now(),
        true,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * A fault that begins now and is explained by an exception.
   *
   * @param kind the category
   * @param what what fails, as the beginning of a sentence
   * @param why the exception
   * @param next what Hermes does, in one sentence; follows the exception's advice
   * @return the fault
   */
  public static Fault of(Kind kind, String what, HermesException why, String next) {
    String advice = why.advice().map(text -> text + " " + next).orElse(next);
    return of(kind, what + ": " + why.problem(), advice);
  }

  /** Kafka's messages often have no period, and the advice follows the problem in a log line. */
  private static String sentence(String text) {
    boolean open = !text.isEmpty() && Character.isLetterOrDigit(text.charAt(text.length() - 1));
    return open ? text + "." : text;
  }

  /** The same fault with another start time. */
  public Fault since(Instant begin) {
    return new Fault(kind, problem, advice, begin, resumes, brokers, topic, partition, group);
  }

  /** The same fault, which ends only when someone acts. */
  public Fault needsAction() {
    return new Fault(kind, problem, advice, since, false, brokers, topic, partition, group);
  }

  /** The same fault, affecting these brokers. */
  public Fault ofBrokers(List<String> addresses) {
    return new Fault(kind, problem, advice, since, resumes, addresses, topic, partition, group);
  }

  /** The same fault, affecting this topic. */
  public Fault ofTopic(String name) {
    return new Fault(
        kind, problem, advice, since, resumes, brokers, Optional.of(name), partition, group);
  }

  /** The same fault, affecting this partition. */
  public Fault ofPartition(TopicPartition id) {
    return new Fault(
        kind,
        problem,
        advice,
        since,
        resumes,
        brokers,
        Optional.of(id.topic()),
        Optional.of(id),
        group);
  }

  /** The same fault, affecting this consumer group. */
  public Fault ofGroup(String id) {
    return new Fault(
        kind, problem, advice, since, resumes, brokers, topic, partition, Optional.of(id));
  }

  /** Problem, advice and start time, for a log line or a person. */
  @Override
  public String toString() {
    return problem + " " + advice + " (since " + since + ")";
  }
}
