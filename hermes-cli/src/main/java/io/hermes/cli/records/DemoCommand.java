package io.hermes.cli.records;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import io.hermes.cli.console.Version;
import io.hermes.cli.contracts.Contracts;
import io.hermes.contract.json.EventJson;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.EmbeddedKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;

/** Runs a complete example on its own broker. */
@Command(
    name = "demo",
    description = {
      "See Hermes at work: it starts a real Kafka broker on a free port, publishes sample"
          + " events, shows them decoded, and stops everything again.",
      "With --metrics it then publishes and handles five events a second until Ctrl-C, so that there"
          + " is something to scrape."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  ./hermes demo", "  ./hermes demo --metrics 9404   for a Prometheus to look at"})
public final class DemoCommand implements Callable<Integer> {

  private static final long TIMEOUT_S = 10;
  private static final double EVENTS_PER_SECOND = 5;

  private final Console console;
  private final Stop stop;
  @Mixin private final MetricsOption metrics = new MetricsOption();

  public DemoCommand(Console console, Stop stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws Exception {
    long startNs = System.nanoTime();
    step("Starting a Kafka broker");
    try (MetricsEndpoint endpoint = metrics.open(console);
        EmbeddedKafka kafka = EmbeddedKafka.start()) {
      KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
      Contracts contracts = Contracts.onClassPath();
      step("Kafka " + Version.kafka() + " runs at " + kafka.bootstrapServers());
      createTopics(contracts, settings);

      step("Publishing the sample events");
      Publication publication = publish(settings);
      Topic<UserEvent> topic = Topic.of(UserEvent.class);
      step("Reading " + topic.name() + " from its beginning, as ./hermes consume does");
      console.out().println();
      long shown = show(contracts, contracts.on(topic.name()), settings);
      console.out().println();
      summary(publication, shown, stored(settings, topic.name()), startNs).print(console);
      console.out().flush();
      if (endpoint != null) {
        step("Publishing and handling events until Ctrl-C, with metrics at " + endpoint.url());
        goOn(settings, endpoint);
      }
      step("Stopping the broker");
    }
    step("Done. Next: ./hermes broker, and in other windows ./hermes produce and ./hermes consume");
    return 0;
  }

  private void step(String text) {
    console.out().flush();
    console.out().println(console.style(Style.fg_green, "==>") + " " + text);
    console.out().flush();
  }

  private void createTopics(Contracts contracts, KafkaSettings settings) {
    try (TopicAdmin admin = TopicAdmin.connect(settings)) {
      contracts.all().forEach(admin::createIfMissing);
    }
    for (String topic : contracts.names()) {
      step("Created topic " + topic + " as its contract defines: " + contracts.messages(topic));
    }
  }

  private Publication publish(KafkaSettings settings) {
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      Publication publication =
          new Publication(console, stop, publisher, Progress.NONE, Publication.Receipts.NONE);
      publication.run(SampleEvents.random(), SampleEvents.USERS + 1, null);
      publication.throwFailure();
      return publication;
    }
  }

  @SuppressWarnings("try") // nothing refers to the subscriber; it just runs
  private void goOn(KafkaSettings settings, MetricsEndpoint endpoint) {
    KafkaSettings metered = MetricsEndpoint.metered(settings, endpoint);
    try (HermesSubscriber subscriber =
            HermesSubscriber.builder(UserEvent.class)
                .settings(metered)
                .group("demo")
                .observer(endpoint.metrics().subscriber())
                .start(delivery -> {});
        HermesPublisher<UserEvent> publisher =
            HermesPublisher.builder(UserEvent.class)
                .settings(metered)
                .observer(endpoint.metrics().publisher())
                .open()) {
      Publication publication =
          new Publication(console, stop, publisher, Progress.NONE, Publication.Receipts.NONE);
      publication.run(SampleEvents.random(), Long.MAX_VALUE, EVENTS_PER_SECOND);
      publication.throwFailure();
    }
  }

  /** Shows the first event in full, and all events in a table. */
  private long show(
      Contracts contracts, List<Topic<DynamicMessage>> topics, KafkaSettings settings) {
    EventJson json = contracts.json(false);
    RecordFormat pretty = new PrettyFormat(console, true);
    Output output =
        new Output(
            console, contracts, json, new TableFormat(console, false, false), Output.Filter.ALL);
    try (HermesReader<DynamicMessage> reader =
        HermesReader.<DynamicMessage>builder(topics).settings(settings).toEnd().open()) {
      for (EventRecord<DynamicMessage> record : reader) {
        if (output.shown() == 0) {
          pretty.print(Shown.of(record, contracts, json));
        }
        if (!output.accept(record) || stop.isRequested()) {
          break;
        }
      }
    }
    return output.shown();
  }

  /** The topic's size on the broker's disk, as reported by the broker. */
  private static long stored(KafkaSettings settings, String topic) throws InterruptedException {
    try (Admin admin = settings.clients().admin(settings.adminProperties(Map.of()))) {
      List<Integer> brokers =
          admin.describeCluster().nodes().get(TIMEOUT_S, TimeUnit.SECONDS).stream()
              .map(node -> node.id())
              .toList();
      return admin
          .describeLogDirs(brokers)
          .allDescriptions()
          .get(TIMEOUT_S, TimeUnit.SECONDS)
          .values()
          .stream()
          .flatMap(directories -> directories.values().stream())
          .mapToLong(directory -> bytes(directory, topic))
          .sum();
    } catch (ExecutionException e) {
      throw KafkaFailures.translate(e, settings.bootstrapServers(), topic);
    } catch (TimeoutException e) {
      throw new HermesException("The broker does not report the size of " + topic + ".", e);
    }
  }

  private static long bytes(LogDirDescription directory, String topic) {
    return directory.replicaInfos().entrySet().stream()
        .filter(replica -> replica.getKey().topic().equals(topic))
        .mapToLong(replica -> replica.getValue().size())
        .sum();
  }

  private static NamedLines summary(
      Publication publication, long shown, long stored, long startNs) {
    NamedLines facts = new NamedLines();
    facts.add(
        "events",
        Units.count(publication.acknowledged())
            + " acknowledged in "
            + Units.duration(publication.taken())
            + ", "
            + Units.count(shown)
            + " read back");
    facts.add("plain", Units.bytes(publication.bytes()) + " of keys and values");
    facts.add("on the broker", Units.bytes(stored) + ", as reported by the broker");
    facts.add("ratio", Units.ratio(publication.bytes(), stored) + " to 1");
    facts.add("time", Units.duration(Duration.ofNanos(System.nanoTime() - startNs)));
    return facts;
  }
}
