package io.hermes.jdbc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.events.v1.UserEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the database committed and what is on the topic, compared. */
final class OutboxComparison {

  /** An event, by its id. */
  record Event(String key, String id) {

    static Event of(ConsumerRecord<byte[], byte[]> record) {
      try {
        return new Event(
            new String(record.key(), StandardCharsets.UTF_8),
            UserEvent.parseFrom(record.value()).getEventId());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A record on the topic, and when a relay made it, on the clock of this machine. */
  record Published(Event event, long createdMs) {

    static Published of(ConsumerRecord<byte[], byte[]> record) {
      return new Published(Event.of(record), record.timestamp());
    }
  }

  /**
   * A shard has another relay, or the same one again after its lease had expired.
   *
   * @param atMs on the same clock
   * @param undeleted the ids of the events of the shard whose rows were there
   */
  record Takeover(long atMs, Set<String> undeleted) {

    /**
     * Whether an event whose first record was made then was in flight: on its way, or published.
     */
    boolean found(Event event, long createdMs) {
      return createdMs <= atMs && undeleted.contains(event.id);
    }
  }

  private static final int LISTED = 20;

  private final List<String> violations = new ArrayList<>();
  private final int committed;
  private final int published;
  private final int duplicates;
  private final long inFlight;

  /**
   * Compares.
   *
   * @param committed in commit order
   * @param topic in order within each partition, and so within each key
   * @param takeovers which alone explain duplicates
   * @param rows of the business table
   */
  OutboxComparison(
      List<Event> committed, List<Published> topic, List<Takeover> takeovers, long rows) {
    this.committed = committed.size();
    this.published = topic.size();
    Set<Event> onTopic = new LinkedHashSet<>(); // first occurrences, in their order
    topic.forEach(one -> onTopic.add(one.event));
    this.duplicates = topic.size() - onTopic.size();
    if (rows != committed.size()) {
      violations.add(rows + " rows are committed, " + committed.size() + " decoded");
    }
    list("committed, not on the topic", without(committed, onTopic));
    list("on the topic, not committed", without(onTopic, new LinkedHashSet<>(committed)));
    Map<String, List<String>> inOrder = byKey(committed);
    byKey(onTopic)
        .forEach(
            (key, ids) -> {
              List<String> expected = inOrder.getOrDefault(key, List.of());
              int same = 0;
              while (same < ids.size()
                  && same < expected.size()
                  && ids.get(same).equals(expected.get(same))) {
                same++;
              }
              if (same < ids.size()) {
                violations.add(key + " is not in commit order from event " + ids.get(same) + " on");
              }
            });
    Map<Event, List<Long>> created = new LinkedHashMap<>();
    topic.forEach(
        one -> created.computeIfAbsent(one.event, first -> new ArrayList<>()).add(one.createdMs));
    List<String> unexplained = new ArrayList<>();
    long found = 0;
    for (Map.Entry<Event, List<Long>> one : created.entrySet()) {
      long first = Collections.min(one.getValue());
      long explained = takeovers.stream().filter(t -> t.found(one.getKey(), first)).count();
      found += explained;
      if (one.getValue().size() - 1 > explained) {
        List<Long> times =
            takeovers.stream()
                .filter(t -> t.undeleted.contains(one.getKey().id))
                .map(Takeover::atMs)
                .toList();
        unexplained.add(
            one.getKey() + " made at " + one.getValue() + ", undeleted at takeovers at " + times);
      }
    }
    this.inFlight = found;
    list("published again, but not in flight at a takeover", unexplained);
  }

  private void list(String what, List<?> events) {
    if (!events.isEmpty()) {
      violations.add(
          events.size() + " " + what + ": " + events.subList(0, Math.min(LISTED, events.size())));
    }
  }

  private static List<Event> without(Collection<Event> events, Collection<Event> others) {
    return events.stream().filter(event -> !others.contains(event)).toList();
  }

  private static Map<String, List<String>> byKey(Collection<Event> events) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    for (Event event : events) {
      ids.computeIfAbsent(event.key, key -> new ArrayList<>()).add(event.id);
    }
    return ids;
  }

  List<String> violations() {
    return violations;
  }

  int committed() {
    return committed;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d events committed, %,d records on the topic, %,d of them duplicates (%,d were in"
            + " flight when a shard was taken over)",
        committed,
        published,
        duplicates,
        inFlight);
  }
}
