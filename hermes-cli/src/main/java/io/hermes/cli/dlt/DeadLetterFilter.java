package io.hermes.cli.dlt;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.cli.console.Console;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.EventTypes;
import io.hermes.cli.contracts.Names;
import io.hermes.cli.records.DeadLetter;
import io.hermes.cli.records.Shown;
import io.hermes.cli.records.TimeOption;
import io.hermes.contract.json.EventJson;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selects the dead-letter records that a command applies to. */
final class DeadLetterFilter {

  @Option(
      names = "--type",
      paramLabel = "<type>",
      description =
          "Only events of this type, such as USER_LOGIN, or of this message if the contract has no"
              + " type field.")
  private @Nullable String type;

  @Option(
      names = "--exception",
      paramLabel = "<class>",
      description = "Only records with this exception, with or without its package.")
  private @Nullable String exception;

  @Option(
      names = "--group",
      paramLabel = "<group>",
      description = "Only records that this group could not handle.")
  private @Nullable String group;

  @Option(
      names = "--from",
      paramLabel = "<time>",
      converter = TimeOption.class,
      description =
          "Only records that failed at this time or later: 2026-01-31T12:00:00Z, milliseconds since"
              + " 1970, or an age such as 90s, 10m, 2h or 7d.")
  private @Nullable Instant from;

  @Option(
      names = "--until",
      paramLabel = "<time>",
      converter = TimeOption.class,
      description = "Only records that failed before this time.")
  private @Nullable Instant until;

  /** Checks the values, and replaces the typed group with its name on the cluster. */
  void check(Console console, Names names, Contracts contracts, String topic) {
    group = group == null ? null : names.group(group);
    if (from != null && until != null && !from.isBefore(until)) {
      throw new SettingsException("--from must be before --until.", null);
    }
    EventTypes.warnIfUnknown(console, type, contracts.toRead(topic));
  }

  StartAt start() {
    return from == null ? StartAt.beginning() : StartAt.time(from);
  }

  boolean takes(EventRecord<DynamicMessage> record, Contracts contracts, EventJson json) {
    if ((from != null && record.timestamp().isBefore(from))
        || (until != null && !record.timestamp().isBefore(until))) {
      return false;
    }
    DeadLetter letter = DeadLetter.ofAny(record.headers());
    return (group == null || group.equals(letter.group()))
        && (exception == null || isException(letter.exception()))
        && (type == null || type.equals(Shown.of(record, contracts, json).label()));
  }

  private boolean isException(@Nullable String name) {
    return name != null && (name.equals(exception) || name.endsWith("." + exception));
  }
}
