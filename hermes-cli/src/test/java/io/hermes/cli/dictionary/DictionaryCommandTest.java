package io.hermes.cli.dictionary;

import static java.io.OutputStream.nullOutputStream;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.Encoding;
import io.hermes.cli.Documents;
import io.hermes.cli.NewEvent;
import io.hermes.cli.Records;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.cli.records.SampleEvents;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.codec.ZstdProtobufSerializer;
import io.hermes.contract.TopicContract;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@KafkaTest
class DictionaryCommandTest {

  private static final int EVENTS = 1_000;
  private static final String TEXT =
      "-of-a-customer-in-Berlin-who-has-an-account-and-pays-by-credit-card-when-goods-arrive";

  private final String broker;
  private final Kafka kafka;
  private final Path temp;
  private final Path out;

  DictionaryCommandTest(Kafka kafka, @TempDir Path temp) {
    this.kafka = kafka;
    this.broker = kafka.bootstrapServers();
    this.temp = temp;
    this.out = temp.resolve("dictionaries");
  }

  @Test
  void whatATopicTaughtIsReadByConsume() throws Exception {
    String topic = "orders-" + UUID.randomUUID();
    TopicContract contract =
        TopicContract.newBuilder().setName(topic).setKeyField("order_id").build();
    kafka.createTopic(topic, 3);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      records.add(new ProducerRecord<>(topic, order(i), order(i)));
    }
    records.add(new ProducerRecord<>(topic, Records.utf8("gone"), null));
    records.add(new ProducerRecord<>(topic, Records.utf8("foreign"), new byte[] {0x0a, 99}));
    send(records);
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          JsonObject trained = trained("--topic", topic, "--id", "50000");
          assertThat(trained.get("samples").getAsInt()).isEqualTo(EVENTS * 8 / 10);
          assertThat(trained.get("heldOut").getAsInt()).isEqualTo(EVENTS * 2 / 10);
          assertThat(trained.get("notDecoded").getAsInt()).isEqualTo(1);
          assertThat(trained.get("dictionaryRatio").getAsDouble()).isGreaterThan(2);
          Path file = out.resolve(topic + "-50000.zdict");
          assertThat(trained.get("file").getAsString()).isEqualTo(file.toString());
          ZstdDictionary dictionary = ZstdDictionary.load(file).get(0);
          assertThat(dictionary.id()).isEqualTo(50_000);

          send(List.of(framed(topic, order(5_000_000), dictionary)));
          String[] consume = {"consume", "--topic", topic, "--to-end", "--format", "json"};
          assertThat(Run.hermes(broker, consume).out()).contains("50000", "no dictionaries");
          Run with = Run.hermes(broker, with(consume, "--dictionaries", out.toString()));
          assertThat(with.out()).contains("\"orderId\":\"order-5000000" + TEXT);
          assertThat(with.err()).contains("1 not decoded"); // the foreign one
          Run group =
              Run.hermes(
                  broker,
                  "consume",
                  "--topic",
                  topic,
                  "--group",
                  topic,
                  "--limit",
                  Integer.toString(EVENTS + 3),
                  "--dictionaries",
                  out.toString());
          assertThat(group.out()).contains("order-5000000" + TEXT);
        });
  }

  @Test
  void filesAreSamplesTooAndTheTableSaysHowToUseIt() throws Exception {
    Path samples = sampleEvents();
    Files.writeString(samples.resolve("notes.txt"), "no event");
    Files.createDirectory(samples.resolve("folder"));
    Run run = train(samples.toString(), "--level", "9");
    assertThat(run.exitCode()).as(run.err()).isZero();
    ZstdDictionary dictionary = ZstdDictionary.load(out).get(0);
    String name = "dictionary-" + dictionary.id() + ".zdict";
    assertThat(run.lines())
        .contains(
            "samples     800 events to train from, 200 held out, 1 not decoded",
            "dictionary  id " + dictionary.id() + ", 4.0 KiB",
            "file        " + out.resolve(name),
            "HELD OUT              BYTES  AN EVENT  RATIO",
            "from a folder "
                + " ZstdOptions.builder().level(9).dictionaries(ZstdDictionary.load(Path.of(\""
                + out
                + "\"))).build()",
            "look           ./hermes consume --dictionaries " + out)
        .anyMatch(line -> line.contains("ZstdDictionary.resource(\"META-INF/hermes/" + name))
        .anyMatch(line -> line.matches("with the dictionary +[0-9,]+ +\\d+ B +1\\.[3-9]\\d"));

    JsonObject later = trained(samples.toString());
    assertThat(later.get("topic").isJsonNull()).isTrue();
    assertThat(later.get("id").getAsInt()).isGreaterThan(dictionary.id());
    assertThat(ZstdDictionary.load(out)).hasSize(2);
    Run older = train(samples.toString(), "--id", "40000");
    assertThat(older.err()).contains("A dictionary with a higher id exists");
  }

  @Test
  void nothingIsReplacedUnlessItIsForced() throws Exception {
    String samples = sampleEvents().toString();
    assertThat(train(samples, "--id", "40000").exitCode()).isZero();
    byte[] first = Files.readAllBytes(out.resolve("dictionary-40000.zdict"));
    Run again = train(samples, "--id", "40000", "--held-out", "50");
    assertThat(again.err()).startsWith("hermes: ").contains("already exists", "--force");
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(out.resolve("dictionary-40000.zdict")).hasBinaryContent(first);
    assertThat(train(samples, "--id", "40000", "--held-out", "50", "--force").exitCode()).isZero();
    assertThat(Files.readAllBytes(out.resolve("dictionary-40000.zdict"))).isNotEqualTo(first);

    Files.move(out.resolve("dictionary-40000.zdict"), out.resolve("of-another-name.zdict"));
    Run taken = train(samples, "--id", "40000", "--force");
    assertThat(taken.err()).contains("Another dictionary has id 40000", "Choose another --id");
    Files.writeString(out.resolve("notes.txt"), "no dictionary");
    Run other = train(samples);
    assertThat(other.err()).contains("--out " + out, "notes.txt", "another one");
    assertThat(List.of(taken.exitCode(), other.exitCode())).containsOnly(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TEMP                      | 1 | Not enough samples: 0 events can be decoded. At least
          TEMP/missing              | 2 | missing cannot be read: the file or folder does not exist
          TEMP/notes                | 1 | Not decoded: 1. The first one:
          --topic nothing           | 2 | Topic nothing has no contract
          --topic a TEMP            | 2 | either --topic, or files
          TEMP --level 20           | 2 | --level 1 to 19
          TEMP --held-out 100       | 2 | --held-out must be 1 to 90
          TEMP --size 10            | 2 | --size must be 1024 to
          TEMP --id 7               | 2 | --id 32768 to
          TEMP --dictionaries TEMP  | 2 | no ZSTD dictionary
          TEMP --out TEMP/notes     | 2 | --out
          --topic user.events --broker 127.0.0.1:1 | 1 | No Kafka broker responds at 127.0.0.1:1
          """)
  void mistakesGetALine(String options, int exitCode, String message) throws Exception {
    Files.createDirectories(out.resolve("empty"));
    Files.writeString(out.resolve("notes"), "no event");
    String[] args = ("dictionary train " + options).replace("TEMP/", out + "/").split(" ");
    for (int i = 0; i < args.length; i++) {
      args[i] = args[i].equals("TEMP") ? out.resolve("empty").toString() : args[i];
    }
    Run run = Run.hermes(broker, args);
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("hermes: ").contains(message);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }

  /** Debian's zstd; where it is missing the test fails. */
  @Test
  @Tag("full")
  void zstdItselfReadsAndWritesWithIt() throws Exception {
    String file = trained(sampleEvents().toString()).get("file").getAsString();
    ZstdDictionary dictionary = ZstdDictionary.load(Path.of(file)).get(0);
    UserEvent event = SampleEvents.reproducible(7, 10, 0).next();

    ProducerRecord<byte[], byte[]> ours = framed("t", event, dictionary);
    assertThat(zstd(ours.value(), "-d", "-c", "-D", file)).isEqualTo(event.toByteArray());

    byte[] theirs = zstd(event.toByteArray(), "-c", "-D", file);
    try (var reader = new ZstdProtobufDeserializer<>(UserEvent.parser(), options(dictionary))) {
      assertThat(reader.deserialize("t", ours.headers(), theirs)).isEqualTo(event);
    }
  }

  private byte[] zstd(byte[] input, String... options) throws Exception {
    Path in = Files.write(temp.resolve("zstd.in"), input);
    Process process;
    try {
      process =
          new ProcessBuilder(with(new String[] {"zstd"}, options))
              .redirectInput(in.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new AssertionError("Install zstd: apt-get install zstd", e);
    }
    byte[] output = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(30, SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return output;
  }

  private Run train(String... options) {
    String[] args = {"dictionary", "train", "--size", "4096", "--out", out.toString()};
    return Run.hermes(broker, with(args, options));
  }

  private JsonObject trained(String... options) {
    Run run = train(with(new String[] {"--json"}, options));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonParser.parseString(run.out()).getAsJsonObject();
  }

  private static String[] with(String[] args, String... more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private Path sampleEvents() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("samples"));
    SampleEvents events = SampleEvents.reproducible(1, 100, 0);
    for (int i = 0; i < EVENTS; i++) {
      Files.write(folder.resolve("event-" + i), events.next().toByteArray());
    }
    return folder;
  }

  /** An OrderPlaced. */
  private static byte[] order(int number) {
    byte[] id = ("order-" + number + TEXT).getBytes(UTF_8);
    byte[] event = new byte[id.length + 2];
    event[0] = 0x0a;
    event[1] = (byte) id.length;
    System.arraycopy(id, 0, event, 2, id.length);
    return event;
  }

  private static ZstdOptions options(ZstdDictionary dictionary) {
    return ZstdOptions.builder().dictionaries(List.of(dictionary)).build();
  }

  private static ProducerRecord<byte[], byte[]> framed(
      String topic, UserEvent event, ZstdDictionary dictionary) {
    ProducerRecord<byte[], byte[]> headers = new ProducerRecord<>(topic, new byte[0]);
    try (var serializer =
        new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, options(dictionary))) {
      byte @Nullable [] value = serializer.serialize(topic, headers.headers(), event);
      return new ProducerRecord<>(topic, 0, Records.utf8("framed"), value, headers.headers());
    }
  }

  private static ProducerRecord<byte[], byte[]> framed(
      String topic, byte[] event, ZstdDictionary dictionary) {
    try {
      return framed(topic, UserEvent.parseFrom(event), dictionary); // its first field is text too
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void send(List<ProducerRecord<byte[], byte[]>> records) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (ProducerRecord<byte[], byte[]> record : records) {
        var unused = producer.send(record); // close() waits for it
      }
    }
  }

  @Test
  void gitIgnoresWhatTrainWritesByDefault() throws Exception {
    Console console = new Console(nullOutputStream(), nullOutputStream(), Look.PLAIN);
    CommandLine train =
        Objects.requireNonNull(
            DictionaryCommand.commandLine(console, new Stop(), Map.of())
                .getSubcommands()
                .get("train"));
    String folder = train.getCommandSpec().findOption("--out").defaultValue();
    assertThat(Files.readAllLines(Documents.ROOT.resolve(".gitignore")))
        .contains("/" + folder + "/");
  }
}
