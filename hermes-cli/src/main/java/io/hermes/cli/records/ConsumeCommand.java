package io.hermes.cli.records;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.broker.OutageNotice;
import io.hermes.cli.broker.StartCheck;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.EventTypes;
import io.hermes.cli.contracts.Names;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.read.HermesReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows records, for debugging. */
@Command(
    name = "consume",
    description = {
      "Show the events of topics. It decodes every event with a contract, without its"
          + " generated class.",
      "Without --group, it joins no group and commits nothing, so it does not affect other"
          + " consumers."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes consume --from latest                 new events, until Ctrl-C",
      "  ./hermes consume --to-end --format table       all existing events, one line each",
      "  ./hermes consume --from 10m --type USER_LOGIN  the logins of the last ten minutes,"
          + " and new ones",
      "  ./hermes consume --topic orders.events         every message of a topic, such as"
          + " OrderPaid",
      "  ./hermes consume --key user-123 --limit 1      one event of a user",
      "  ./hermes consume --dictionaries dictionaries   values written with a dictionary",
      "  ./hermes consume --to-end --format json | jq -r .event.data.metadata.ip",
      "  ./hermes consume --limit 1 --format raw | protoc --decode_raw"
    })
public final class ConsumeCommand implements Callable<Integer> {

  private static final Duration WAIT = Duration.ofMillis(200); // how soon it sees Ctrl-C

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final ContractOptions contractOptions;

  @Option(
      names = "--topic",
      paramLabel = "<topic>",
      description =
          "Only this topic, or this dead-letter topic such as user.events-dlt. Default: all"
              + " topics with a contract.")
  private @Nullable String topic;

  @Option(
      names = "--from",
      paramLabel = "<place>",
      defaultValue = "beginning",
      converter = StartOption.class,
      description =
          "Where to start: beginning (the default), latest, a time such as 2026-01-31T12:00:00Z,"
              + " a time in milliseconds since 1970 (12 digits or more), a time ago such as 90s,"
              + " 10m, 2h or 7d, or an offset. With --group, only for partitions without a"
              + " commit of the group.")
  private StartAt from = StartAt.beginning();

  @Option(names = "--to-end", description = "Stop after the last record that exists now.")
  private boolean toEnd;

  @Option(names = "--key", paramLabel = "<key>", description = "Only records with this key.")
  private @Nullable String key;

  @Option(
      names = "--type",
      paramLabel = "<type>",
      description =
          "Only events of this type, such as USER_LOGIN, or of this message if its contract"
              + " has no type field, such as OrderPaid.")
  private @Nullable String type;

  @Mixin private final RecordOptions records = new RecordOptions();

  @Option(
      names = "--group",
      paramLabel = "<group>",
      description =
          "Read as a member of this group: it gets a share of the partitions and"
              + " commits what it shows.")
  private @Nullable String group;

  @Mixin private final MetricsOption metrics = new MetricsOption();

  @Mixin private final DictionaryOptions dictionaries = new DictionaryOptions();

  public ConsumeCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  @Override
  public Integer call() {
    check();
    KafkaSettings settings = kafka.settings();
    ZstdOptions zstd = dictionaries.zstd();
    Names names = kafka.names();
    String member = group == null ? null : names.group(group);
    Contracts contracts = contractOptions.contracts(names);
    List<Topic<DynamicMessage>> topics =
        topic == null ? existing(contracts.all(), settings) : contracts.toRead(names.topic(topic));
    StartCheck.check(settings, topics, from);
    EventTypes.warnIfUnknown(console, type, topics);
    boolean many = topics.stream().map(Topic::name).distinct().count() > 1;
    Output output =
        new Output(
            console,
            contracts,
            contracts.json(records.reveal()),
            records.on(console, many),
            new Output.Filter(key, type, records.limit()));
    return OutageNotice.during(
        console,
        settings,
        () -> {
          if (member == null) {
            read(reader(topics, settings).zstd(zstd), output);
          } else {
            consume(topics, settings, member, new GroupConsumption(console, stop, output, zstd));
            output.printSummary();
          }
          return 0;
        });
  }

  private void consume(
      List<Topic<DynamicMessage>> topics,
      KafkaSettings settings,
      String member,
      GroupConsumption consumption) {
    try (MetricsEndpoint endpoint = metrics.open(console)) {
      consumption.run(topics, settings, member, from, endpoint);
    }
  }

  private void check() {
    if (metrics.isGiven() && group == null) {
      throw new SettingsException("--metrics is for a member of a group: give --group too.", null);
    }
    if (group != null && toEnd) {
      throw new SettingsException(
          "--to-end cannot be used with --group, because members share the partitions.",
          "Use --limit, or omit --group.",
          null);
    }
    records.check(console);
  }

  /** Topics that do not exist yet must not keep the others from being shown. */
  private List<Topic<DynamicMessage>> existing(
      List<Topic<DynamicMessage>> all, KafkaSettings settings) {
    List<Topic<DynamicMessage>> existing = new ArrayList<>();
    @Nullable UnknownTopicException missing = null;
    try (TopicAdmin admin = TopicAdmin.connect(settings)) {
      for (Topic<DynamicMessage> candidate : all) {
        try {
          admin.partitions(candidate.name());
          existing.add(candidate);
        } catch (UnknownTopicException e) {
          missing = e;
        }
      }
    }
    if (existing.isEmpty() && missing != null) {
      throw missing;
    }
    return existing;
  }

  private HermesReader.Builder<DynamicMessage> reader(
      List<Topic<DynamicMessage>> topics, KafkaSettings settings) {
    var builder = HermesReader.<DynamicMessage>builder(topics).settings(settings).from(from);
    return toEnd ? builder.toEnd() : builder;
  }

  private void read(HermesReader.Builder<DynamicMessage> builder, Output output) {
    try (HermesReader<DynamicMessage> reader = builder.open()) {
      if (!toEnd && console.look().progress()) {
        console.err().println("Ctrl-C ends it.");
      }
      try {
        read(reader, output);
      } finally {
        output.printSummary();
      }
    }
  }

  private void read(HermesReader<DynamicMessage> reader, Output output) {
    boolean more = true;
    while (more && !stop.isRequested() && !reader.isEnded()) {
      EventRecord<DynamicMessage> record = reader.poll(Duration.ZERO);
      if (record == null) {
        more = !console.outputEnded(); // shows the output so far before it waits
        record = more ? reader.poll(WAIT) : null;
      }
      if (record != null) {
        more = output.accept(record);
      }
    }
  }
}
