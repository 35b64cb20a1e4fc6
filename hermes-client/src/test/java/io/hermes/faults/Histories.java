package io.hermes.faults;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.events.v1.UserEvent;
import io.hermes.faults.FaultRun.Fault;
import io.hermes.faults.FaultRun.Injected;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testing.Events;
import io.hermes.testing.History;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongBiFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the log has, what publishers were told and what members handled, held against each other.
 */
final class Histories {

  /** For how long a member that was paused may not know yet that its partitions are gone. */
  private static final long UNAWARE_MS = 10_000;

  /** Two moments between which nothing was told. */
  private record Gap(long fromMs, long toMs) {
    long ms() {
      return toMs - fromMs;
    }

    boolean overlaps(Injected fault) {
      return fromMs < fault.untilMs() && toMs > fault.fromMs();
    }
  }

  /** From the begin of a handler to its good end. */
  private record Execution(Path member, long fromMs, long toMs) {}

  /** A member was told that it no longer had a partition, as the group had expelled it before. */
  private record Loss(Path member, String partition, long atMs) {}

  /** A record of the log, and how it was handled. */
  private static final class Handling {
    private final String event; // key and number
    private final boolean poison;
    private final List<Execution> executions = new ArrayList<>(1);
    private long firstBegunMs = Long.MAX_VALUE;
    private long firstEndedMs = Long.MAX_VALUE;
    private long lastBegunMs; // of the member that is read

    private int deadLetters;

    Handling(String event, boolean poison) {
      this.event = event;
      this.poison = poison;
    }
  }

  private final Map<String, Handling> log = new HashMap<>(); // by partition and offset
  private final Set<String> events = new HashSet<>(); // of the log
  private final Map<String, String> before = new HashMap<>(); // the one of the same key before it
  private final Map<Integer, TreeMap<Long, Long>> committed = new HashMap<>(); // up to a time
  private final List<Loss> losses = new ArrayList<>();
  private final List<Injected> injected;
  private final Duration recovery;
  private final List<String> violations = new ArrayList<>();
  private int acknowledged;
  private int rejected;
  private int unknown;
  private int writtenTwice;
  private final List<Gap> withoutReceipt = new ArrayList<>();
  private final List<Gap> withoutHandling = new ArrayList<>();
  private int handledAgain;
  private int deadLetters;
  private int deadLettersAgain;
  private int begunUnaware;
  private int endedUnaware;

  Histories(
      List<ConsumerRecord<byte[], byte[]>> records,
      List<ConsumerRecord<byte[], byte[]>> dead,
      List<Path> publishers,
      List<Path> members,
      List<Injected> injected,
      Duration recovery)
      throws InvalidProtocolBufferException {
    this.injected = injected;
    this.recovery = recovery;
    readLog(records);
    readDeadLetters(dead);
    publishers.forEach(this::readPublisher);
    members.forEach(member -> History.read(member).forEach(this::readCommit));
    committed.values().forEach(Histories::accumulate);
    members.forEach(member -> History.read(member).forEach(words -> readLoss(member, words)));
    members.forEach(member -> History.read(member).forEach(words -> readMember(member, words)));
    compareHandling();
    findGapsInHandling(members);
  }

  private static String position(String partition, String offset) {
    return partition + "@" + offset;
  }

  /** Each event once, and those of a key in the order in which they were published. */
  private void readLog(List<ConsumerRecord<byte[], byte[]>> records)
      throws InvalidProtocolBufferException {
    Map<String, Integer> lastNumber = new HashMap<>();
    Map<String, String> lastPosition = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      UserEvent event = UserEvent.parseFrom(record.value());
      String key = event.getUserId();
      int number = Events.number(event);
      String position = record.partition() + "@" + record.offset();
      log.put(position, new Handling(key + " " + number, MemberMain.isPoison(event)));
      if (!events.add(key + " " + number)) {
        writtenTwice++;
        violations.add(key + " " + number + " is written twice");
      }
      Integer last = lastNumber.put(key, number);
      if (last != null && last >= number) {
        violations.add(key + " " + number + " is behind " + last);
      }
      String previous = lastPosition.put(key, position);
      if (previous != null) {
        before.put(position, previous);
      }
    }
  }

  /** Those that no attempt handles and no others, each with its own event. */
  private void readDeadLetters(List<ConsumerRecord<byte[], byte[]>> dead)
      throws InvalidProtocolBufferException {
    for (ConsumerRecord<byte[], byte[]> record : dead) {
      String position =
          position(
              header(record, DeadLetterHeaders.PARTITION),
              header(record, DeadLetterHeaders.OFFSET));
      UserEvent event = UserEvent.parseFrom(record.value());
      Handling handling = log.get(position);
      if (handling == null
          || !handling.poison
          || !handling.event.equals(event.getUserId() + " " + Events.number(event))) {
        violations.add(position + " should be no dead letter, or another one");
      } else {
        handling.deadLetters++;
        handling.firstEndedMs = Math.min(handling.firstEndedMs, record.timestamp());
      }
    }
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private void readPublisher(Path history) {
    long[] lastMs = new long[1];
    History.read(history)
        .forEach(
            words -> {
              String event = words[1] + " " + words[2];
              switch (words[0]) {
                case "A" -> {
                  acknowledged++;
                  Handling there = log.get(position(words[3], words[4]));
                  if (there == null || !there.event.equals(event)) {
                    violations.add(event + " is acknowledged and not there");
                  }
                  long nowMs = Long.parseLong(words[5]);
                  if (lastMs[0] > 0 && !isPaused(history, lastMs[0], nowMs)) {
                    withoutReceipt.add(new Gap(lastMs[0], nowMs));
                  }
                  lastMs[0] = nowMs;
                }
                case "R" -> {
                  rejected++;
                  if (events.contains(event)) {
                    violations.add(event + " is rejected, and there");
                  }
                }
                default -> unknown++;
              }
            });
  }

  private boolean isPaused(Path history, long fromMs, long toMs) {
    Gap time = new Gap(fromMs, toMs);
    return injected.stream()
        .anyMatch(fault -> history.equals(fault.paused()) && time.overlaps(fault));
  }

  private void readCommit(String[] words) {
    if (words[0].equals("C")) {
      committed
          .computeIfAbsent(Integer.valueOf(words[1]), partition -> new TreeMap<>())
          .merge(Long.valueOf(words[3]), Long.valueOf(words[2]), Math::max);
    }
  }

  /** The highest offset up to each time. */
  private static void accumulate(NavigableMap<Long, Long> commits) {
    long highest = 0;
    for (Map.Entry<Long, Long> commit : commits.entrySet()) {
      highest = Math.max(highest, commit.getValue());
      commit.setValue(highest);
    }
  }

  private void readLoss(Path member, String[] words) {
    if (words[0].equals("L")) {
      losses.add(new Loss(member, words[1], Long.parseLong(words[3])));
    }
  }

  private void readMember(Path member, String[] words) {
    if (words[0].equals("C") || words[0].equals("L")) {
      return;
    }
    long nowMs = Long.parseLong(words[3]);
    Handling handling = log.get(position(words[1], words[2]));
    if (handling == null) {
      violations.add(position(words[1], words[2]) + " was handled, and is not there");
    } else if (words[0].equals("B")) {
      handling.firstBegunMs = Math.min(handling.firstBegunMs, nowMs);
      handling.lastBegunMs = nowMs;
      if (isCommitted(words, nowMs)) {
        if (isPaused(member, nowMs - UNAWARE_MS, nowMs)) {
          begunUnaware++;
        } else {
          violations.add(position(words[1], words[2]) + " begins after its commit, in " + member);
        }
      }
    } else {
      handling.firstEndedMs = Math.min(handling.firstEndedMs, nowMs);
      handling.executions.add(new Execution(member, handling.lastBegunMs, nowMs));
    }
  }

  private boolean isCommitted(String[] words, long nowMs) {
    TreeMap<Long, Long> commits = committed.get(Integer.valueOf(words[1]));
    Map.Entry<Long, Long> last = commits == null ? null : commits.lowerEntry(nowMs);
    return last != null && last.getValue() > Long.parseLong(words[2]);
  }

  /** None is skipped, and each begins when the one before it, of its key, has ended. */
  private void compareHandling() {
    log.forEach(
        (position, handling) -> {
          if (handling.executions.isEmpty() && handling.deadLetters == 0) {
            violations.add(position + " was never handled");
          }
          deadLetters += Math.min(1, handling.deadLetters);
          deadLettersAgain += Math.max(0, handling.deadLetters - 1);
          handledAgain += Math.max(0, handling.executions.size() - 1);
          compareExecutions(position, handling.executions);
          String previous = before.get(position);
          Handling first = previous == null ? null : log.get(previous);
          if (first != null && handling.firstBegunMs < first.firstEndedMs) {
            violations.add(position + " begins before " + previous + " of its key has ended");
          }
        });
  }

  /** Never two at once, except where a member could not know that it has lost the partition. */
  private void compareExecutions(String position, List<Execution> executions) {
    for (Execution one : executions) {
      for (Execution other : executions) {
        boolean overlap =
            !one.equals(other) && one.fromMs() <= other.fromMs() && one.toMs() > other.fromMs();
        if (overlap && hadLost(position, one)) {
          endedUnaware++;
        } else if (overlap && !couldNotKnow(one)) {
          violations.add(position + " is handled by two at once: " + executions);
        }
      }
    }
  }

  /**
   * The group had expelled the member, for example because it got no CPU time; it learned later.
   */
  private boolean hadLost(String position, Execution execution) {
    return losses.stream()
        .anyMatch(
            loss ->
                loss.member.equals(execution.member)
                    && position.startsWith(loss.partition + "@")
                    && loss.atMs >= execution.fromMs
                    && loss.atMs <= execution.toMs + UNAWARE_MS);
  }

  private boolean couldNotKnow(Execution execution) {
    Gap time = new Gap(execution.fromMs() - UNAWARE_MS, execution.toMs());
    return injected.stream()
        .filter(time::overlaps)
        .anyMatch(
            fault -> fault.fault().isOfBrokers() || execution.member().equals(fault.paused()));
  }

  List<String> violations() {
    return violations;
  }

  int acknowledged() {
    return acknowledged;
  }

  private void findGapsInHandling(List<Path> members) {
    long[] ends =
        members.stream()
            .flatMap(History::read)
            .filter(words -> words[0].equals("E"))
            .mapToLong(words -> Long.parseLong(words[3]))
            .sorted()
            .toArray();
    for (int i = 1; i < ends.length; i++) {
      withoutHandling.add(new Gap(ends[i - 1], ends[i]));
    }
  }

  /** The figures, as a table. */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    row(table, "fault", "times", "s without receipt", "after its end", "s without handling");
    for (Fault fault : Fault.values()) {
      List<Injected> ofKind = injected.stream().filter(one -> one.fault() == fault).toList();
      row(
          table,
          fault.toString().toLowerCase(Locale.ROOT).replace('_', ' '),
          ofKind.size(),
          longest(withoutReceipt, ofKind, (gap, one) -> gap.ms()),
          longest(withoutReceipt, ofKind, (gap, one) -> gap.toMs() - one.untilMs()),
          longest(withoutHandling, ofKind, (gap, one) -> gap.ms()));
    }
    table.append(
        String.format(
            Locale.ROOT,
            "%n%,d in the log; %,d acknowledged, %,d rejected, %,d unknown; %d written twice.%n"
                + "%,d dead letters, %d of them twice.%n"
                + "%,d handled again; %d begun after their commit, by a member that was paused; %d"
                + " handled by two at once, of which one was told later that it had lost them.%n"
                + "All handled %d ms after the last receipt. Violations: %d%n",
            log.size(),
            acknowledged,
            rejected,
            unknown,
            writtenTwice,
            deadLetters,
            deadLettersAgain,
            handledAgain,
            begunUnaware,
            endedUnaware,
            recovery.toMillis(),
            violations.size()));
    return table.toString();
  }

  private static void row(StringBuilder table, Object... cells) {
    table.append(String.format("%-20s %7s %19s %15s %20s%n", cells));
  }

  /** The longest of those that overlap one of the faults, in seconds. */
  private static String longest(
      List<Gap> gaps, List<Injected> faults, ToLongBiFunction<Gap, Injected> length) {
    long ms =
        faults.stream()
            .flatMapToLong(
                fault ->
                    gaps.stream()
                        .filter(gap -> gap.overlaps(fault))
                        .mapToLong(gap -> length.applyAsLong(gap, fault)))
            .max()
            .orElse(0);
    return String.format(Locale.ROOT, "%.1f", Math.max(0, ms) / 1e3);
  }
}
