package io.hermes.cli.broker;

import io.hermes.cli.console.Units;
import io.hermes.kafka.TopicDifference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Describes the consequence of changing a topic to match its contract. */
public final class Consequence {

  private static final String COMPACT = "compact";
  private static final String DELETE = "delete";

  private Consequence() {}

  public static String of(TopicDifference difference) {
    @Nullable String actual = difference.actual();
    String wanted = difference.contract();
    if (actual == null) {
      return "Cannot be compared: the principal needs DESCRIBE_CONFIGS on the topic.";
    }
    return switch (difference.setting()) {
      case TopicDifference.PARTITIONS ->
          partitions(Integer.parseInt(actual), Integer.parseInt(wanted));
      case "cleanup.policy" -> cleanup(elements(actual), elements(wanted));
      case "retention.ms" -> retention(Long.parseLong(actual), Long.parseLong(wanted));
      default -> throw new IllegalArgumentException(difference.toString());
    };
  }

  private static Set<String> elements(String list) {
    return Set.copyOf(List.of(list.split(",")));
  }

  private static String partitions(int actual, int wanted) {
    return wanted > actual
        ? "Adding partitions changes which partition a key maps to: a key's earlier and"
            + " later events are then in different partitions, and can be read out of order"
            + " unless all earlier events are read first."
        : "Kafka cannot remove partitions. Set "
            + actual
            + " in the contract, or move to a"
            + " new topic.";
  }

  private static String cleanup(Set<String> actual, Set<String> wanted) {
    List<String> all = new ArrayList<>();
    if (wanted.contains(COMPACT) && !actual.contains(COMPACT)) {
      all.add(
          "Kafka then keeps only the newest event of each key, and rejects records without a key.");
    }
    if (wanted.contains(DELETE) && !actual.contains(DELETE)) {
      all.add("Kafka then removes events by age, including the newest event of a key.");
    }
    if (actual.contains(COMPACT) && !wanted.contains(COMPACT)) {
      all.add("Kafka then also keeps earlier events of a key.");
    }
    if (actual.contains(DELETE) && !wanted.contains(DELETE)) {
      all.add("Kafka then no longer removes events by age.");
    }
    return String.join(" ", all);
  }

  private static String retention(long actualMs, long wantedMs) {
    boolean longer = wantedMs < 0 || (actualMs >= 0 && wantedMs > actualMs);
    return longer
        ? "Kafka then keeps events "
            + kept(wantedMs)
            + " rather than "
            + kept(actualMs)
            + ", which needs more disk."
        : "Kafka then keeps events "
            + kept(wantedMs)
            + " rather than "
            + kept(actualMs)
            + ": older ones are removed immediately, and cannot be recovered.";
  }

  private static String kept(long ms) {
    return ms < 0 ? "forever" : "for " + time(ms);
  }

  private static String time(long ms) {
    Duration time = Duration.ofMillis(ms);
    if (ms % Duration.ofDays(1).toMillis() == 0) {
      return Units.count(time.toDays(), "day");
    }
    return ms % Duration.ofHours(1).toMillis() == 0
        ? Units.count(time.toHours(), "hour")
        : Units.count(ms, "millisecond");
  }
}
