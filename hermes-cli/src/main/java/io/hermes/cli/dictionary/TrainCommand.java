package io.hermes.cli.dictionary;

import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.broker.StartCheck;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.records.DictionaryOptions;
import io.hermes.cli.records.StartOption;
import io.hermes.codec.ZstdDictionary;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a dictionary. */
@Command(
    name = "train",
    description = {
      "Train a ZSTD dictionary from a topic's events, or from files that each contain one"
          + " event's plain bytes, and measure it with events that were not used for training.",
      "It helps if batches contain few events, for example if events are published one at a"
          + " time, and if values are stored individually. The file is a standard zstd"
          + " dictionary, which zstd -D accepts too."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dictionary train --topic user.events",
      "  ./hermes dictionary train --topic user.events --from 7d --size 32768 --level 9",
      "  ./hermes dictionary train --out user-events samples/",
      "  ./hermes dictionary train --topic user.events --json | jq -r .dictionaryRatio"
    })
final class TrainCommand implements Callable<Integer> {

  private static final int FEWEST = 20;
  private static final int FEW_TIMES_THE_SIZE = 10;

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final ContractOptions contractOptions;

  @Parameters(
      paramLabel = "<file>",
      arity = "0..*",
      description = "Files with one plain value each, or folders of such files.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--topic",
      paramLabel = "<topic>",
      description = "The topic with the events to train from; it must have a contract.")
  private @Nullable String topic;

  @Option(
      names = "--from",
      paramLabel = "<place>",
      defaultValue = "beginning",
      converter = StartOption.class,
      description = "Where in the topic to start, as in ./hermes consume.")
  private StartAt from = StartAt.beginning();

  @Option(
      names = "--samples",
      paramLabel = "<n>",
      defaultValue = "10000",
      description = "The number of events to use, chosen at random from all. Default: 10000.")
  private int samples;

  @Option(
      names = "--held-out",
      paramLabel = "<percent>",
      defaultValue = "20",
      description = "The percentage of them to hold out for measuring. Default: 20.")
  private int heldOut;

  @Option(
      names = "--size",
      paramLabel = "<bytes>",
      defaultValue = "16384",
      description = "The maximum size of the dictionary. Default: 16384, which suits small events.")
  private int size;

  @Option(
      names = "--level",
      paramLabel = "<n>",
      defaultValue = "3",
      description = "The level to measure with, 1 (fast) to 19 (small). Default: 3.")
  private int level;

  @Option(
      names = "--id",
      paramLabel = "<n>",
      description =
          "The dictionary's id, 32768 to 2147483647; the one with the highest id is used for"
              + " writing. Default: based on the time, so that a later dictionary has a higher id.")
  private @Nullable Integer id;

  @Option(
      names = "--out",
      paramLabel = "<folder>",
      defaultValue = "dictionaries",
      description =
          "The folder for the file; it must contain only dictionaries. Default: dictionaries.")
  private Path out = Path.of("dictionaries");

  @Option(
      names = "--force",
      description =
          "Replace an existing file. Values written with the old dictionary can"
              + " then no longer be read.")
  private boolean force;

  @Mixin private final DictionaryOptions known = new DictionaryOptions();
  @Mixin private final OutputOption output = new OutputOption();

  TrainCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  @Override
  public Integer call() {
    check();
    topic = topic == null ? null : kafka.names().topic(topic);
    String name = topic == null ? "dictionary" : topic;
    DictionaryFile file = DictionaryFile.in(out, name, id, known.dictionaries(), force);
    Samples chosen = new Samples(samples);
    long skipped = collect(chosen);
    Samples.Split split = chosen.split(heldOut);
    ZstdDictionary dictionary = ZstdDictionary.train(split.training(), size, file.id());
    DictionaryGain gain = DictionaryGain.of(split.heldOut(), dictionary, level);
    file.write(dictionary.toBytes());
    int bytes = dictionary.toBytes().length;
    if (output.isJson()) {
      OutputOption.print(console, json(split, skipped, file, bytes, gain));
    } else {
      print(split, skipped, file, bytes, gain);
    }
    warn(split, file, gain);
    return 0;
  }

  private void check() {
    if ((topic == null) == files.isEmpty()) {
      throw new SettingsException(
          "Use either --topic, or files or folders with one event's bytes in each file.", null);
    }
    if (heldOut < 1 || heldOut > 90 || samples < 1 || level < 1 || level > 19) {
      throw new SettingsException(
          "--held-out must be 1 to 90 percent, --samples 1 or more, and --level 1 to 19.", null);
    }
    if (size < 1 << 10 || size > 10 << 20 || (id != null && id < ZstdDictionary.MIN_ID)) {
      throw new SettingsException(
          "--size must be 1024 to 10485760 bytes, and --id "
              + ZstdDictionary.MIN_ID
              + " to "
              + Integer.MAX_VALUE
              + ".",
          null);
    }
  }

  private long collect(Samples chosen) {
    long skipped;
    String problem;
    try (Progress progress = Progress.of(console, "reading", -1)) {
      SampleSource source = new SampleSource(chosen, progress);
      if (topic == null) {
        source.read(files);
      } else {
        try (HermesReader<DynamicMessage> reader = open(topic)) {
          source.read(reader, stop);
        }
      }
      skipped = source.skipped();
      problem = source.firstProblem();
    }
    if (chosen.count() < FEWEST) {
      throw new HermesException(
          "Not enough samples: "
              + Units.count(chosen.count(), "event")
              + " can be decoded. At least "
              + FEWEST
              + " are needed, and a thousand is a"
              + " good number."
              + (problem == null
                  ? ""
                  : " Not decoded: " + Units.count(skipped) + ". The first one: " + problem),
          null);
    }
    return skipped;
  }

  private HermesReader<DynamicMessage> open(String name) {
    KafkaSettings settings = kafka.settings();
    List<Topic<DynamicMessage>> contracts = contractOptions.contracts(kafka.names()).on(name);
    StartCheck.check(settings, contracts, from);
    return HermesReader.<DynamicMessage>builder(contracts)
        .settings(settings)
        .zstd(known.zstd())
        .from(from)
        .toEnd()
        .open();
  }

  private JsonObject json(
      Samples.Split split, long skipped, DictionaryFile file, int bytes, DictionaryGain gain) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", topic);
    json.addProperty("samples", split.training().size());
    json.addProperty("heldOut", split.heldOut().size());
    json.addProperty("notDecoded", skipped);
    json.addProperty("id", file.id());
    json.addProperty("file", file.path().toString());
    json.addProperty("bytes", bytes);
    json.addProperty("plainBytes", gain.plain());
    json.addProperty("zstdBytes", gain.zstd());
    json.addProperty("dictionaryBytes", gain.dictionary());
    json.addProperty("zstdRatio", ratio(gain.plain(), gain.zstd()));
    json.addProperty("dictionaryRatio", ratio(gain.plain(), gain.dictionary()));
    return json;
  }

  private static double ratio(long plain, long written) {
    return Math.round(100.0 * plain / Math.max(1, written)) / 100.0;
  }

  private void print(
      Samples.Split split, long skipped, DictionaryFile file, int bytes, DictionaryGain gain) {
    NamedLines facts = new NamedLines();
    facts.add(
        "samples",
        Units.count(split.training().size(), "event")
            + " to train from, "
            + Units.count(split.heldOut().size())
            + " held out"
            + (skipped == 0 ? "" : ", " + Units.count(skipped) + " not decoded"));
    facts.add("dictionary", "id " + file.id() + ", " + Units.bytes(bytes));
    facts.add("file", file.path().toString());
    facts.print(console);
    console.out().println();
    Table table = new Table("HELD OUT", " BYTES", " AN EVENT", " RATIO");
    int count = split.heldOut().size();
    row(table, "plain", gain.plain(), gain.plain(), count);
    row(table, "zstd, level " + level, gain.plain(), gain.zstd(), count);
    row(table, "with the dictionary", gain.plain(), gain.dictionary(), count);
    table.print(console);
    console.out().println();
    usage(file).print(console);
  }

  private static void row(Table table, String name, long plain, long written, int count) {
    table.add(
        name,
        Units.count(written),
        Units.count(Math.round((double) written / Math.max(1, count))) + " B",
        Units.ratio(plain, written));
  }

  private NamedLines usage(DictionaryFile file) {
    String options = "ZstdOptions.builder()" + (level == 3 ? "" : ".level(" + level + ")");
    String folder = out.toString().replace("\\", "/");
    String resource = "META-INF/hermes/" + file.path().getFileName();
    NamedLines facts = new NamedLines();
    facts.add(
        "from a folder",
        options + ".dictionaries(ZstdDictionary.load(Path.of(\"" + folder + "\"))).build()");
    facts.add(
        "from a jar",
        options + ".dictionaries(List.of(ZstdDictionary.resource(\"" + resource + "\"))).build()");
    facts.add("", "with the file in src/main/resources/META-INF/hermes");
    facts.add("then", ".zstd(options) on every subscriber and reader, and then on publishers");
    facts.add("look", "./hermes consume --dictionaries " + folder);
    return facts;
  }

  private void warn(Samples.Split split, DictionaryFile file, DictionaryGain gain) {
    console.out().flush();
    long bytes = split.training().stream().mapToLong(sample -> sample.length).sum();
    if (bytes < (long) FEW_TIMES_THE_SIZE * size) {
      console
          .err()
          .println(
              "Only "
                  + Units.bytes(bytes)
                  + " to train from: ten times the dictionary's size is little, a hundred"
                  + " times is good.");
    }
    if (gain.dictionary() >= gain.zstd()) {
      console
          .err()
          .println("It does not help: the events have too little in common, or are large.");
    }
    if (!file.isNewest()) {
      console
          .err()
          .println("A dictionary with a higher id exists and is still the one used for writing.");
    }
    if (topic != null) {
      encodings(topic);
    }
  }

  private void encodings(String name) {
    for (Topic<DynamicMessage> contract : contractOptions.contracts(kafka.names()).on(name)) {
      String sentence =
          switch (contract.encoding()) {
            case PLAIN ->
                " says ENCODING_PLAIN, so its values stay plain. Set ENCODING_ZSTD"
                    + " to use the dictionary.";
            case AUTO -> " says ENCODING_AUTO, which leaves values below 8 KiB plain.";
            case ZSTD -> "";
          };
      if (!sentence.isEmpty()) {
        String message = contract.descriptor().getName();
        console.err().println("The contract of " + message + sentence);
      }
    }
  }
}
