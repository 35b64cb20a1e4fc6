package io.hermes.cli.records;

import com.google.gson.JsonObject;
import io.hermes.Topic;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.broker.OutageNotice;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Publishes the sample events. */
@Command(
    name = "produce",
    description = {
      "Publish sample events to user.events. The topic is created if it does not exist.",
      "The first one is a registration of user-123, all others are logins of user-0, user-1"
          + " and so on."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes produce                            1 registration and 100 logins",
      "  ./hermes produce --verbose                  print where Kafka stored each event",
      "  ./hermes produce --count 1000000 --size 300 a million events of about 300 bytes",
      "  ./hermes produce --forever --rate 5         five a second until Ctrl-C",
      "  ./hermes produce --forever --metrics 9404   with metrics for Prometheus",
      "  ./hermes produce --seed 1                   the same events each time, with ids and times",
      "  ./hermes produce --verbose --json | jq 'select(.offset) | .offset'"
    })
public final class ProduceCommand implements Callable<Integer> {

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;

  @ArgGroup private HowMany howMany = new HowMany();

  @Option(
      names = "--rate",
      paramLabel = "<n>",
      description = "The number of events per second. Default: as fast as they are acknowledged.")
  private @Nullable Double rate;

  @Option(
      names = "--users",
      paramLabel = "<n>",
      defaultValue = "" + SampleEvents.USERS,
      description = "The number of users, and so of keys. Default: 100.")
  private int users;

  @Option(
      names = "--seed",
      paramLabel = "<n>",
      description = "Generate the same events each time from this number.")
  private @Nullable Long seed;

  @Option(
      names = "--size",
      paramLabel = "<bytes>",
      defaultValue = "0",
      description = "Pad events to about this size in bytes. Default: no padding, about 120 bytes.")
  private int size;

  @Option(names = "--verbose", description = "Print a line for each receipt.")
  private boolean verbose;

  @Mixin private final MetricsOption metrics = new MetricsOption();

  @Mixin private final OutputOption output = new OutputOption();

  /** Either a number of events, or no limit. */
  static final class HowMany {

    @Option(
        names = "--count",
        paramLabel = "<n>",
        description = "The number of events, including the registration. Default: 101.")
    private long count = SampleEvents.USERS + 1;

    @Option(names = "--forever", description = "Continue until Ctrl-C.")
    private boolean forever;
  }

  public ProduceCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
  }

  @Override
  public Integer call() {
    check();
    KafkaSettings settings = kafka.settings();
    Publication publication = OutageNotice.during(console, settings, () -> publish(settings));
    if (output.isJson()) {
      OutputOption.print(console, json(publication));
    } else {
      summary(publication, settings.bootstrapServers()).print(console);
    }
    publication.throwFailure();
    return 0;
  }

  private Publication publish(KafkaSettings settings) {
    SampleEvents events =
        seed == null
            ? SampleEvents.random(users, size)
            : SampleEvents.reproducible(seed, users, size);
    long most = howMany.forever ? Long.MAX_VALUE : howMany.count;
    try (MetricsEndpoint endpoint = metrics.open(console);
        HermesPublisher<UserEvent> publisher = publisher(settings, endpoint);
        Progress progress = Progress.of(console, "publishing", howMany.forever ? -1 : most)) {
      Publication publication = new Publication(console, stop, publisher, progress, receipts());
      publication.run(events, most, rate);
      return publication;
    }
  }

  private Topic<UserEvent> topic() {
    return kafka.names().topic(Topic.of(UserEvent.class));
  }

  private HermesPublisher<UserEvent> publisher(
      KafkaSettings settings, @Nullable MetricsEndpoint endpoint) {
    var builder =
        HermesPublisher.builder(topic())
            .settings(MetricsEndpoint.metered(settings, endpoint))
            .createTopics();
    return (endpoint == null ? builder : builder.observer(endpoint.metrics().publisher())).open();
  }

  private Publication.Receipts receipts() {
    return !verbose
        ? Publication.Receipts.NONE
        : output.isJson() ? Publication.Receipts.JSON : Publication.Receipts.TEXT;
  }

  private JsonObject json(Publication publication) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", topic().name());
    json.addProperty("acknowledged", publication.acknowledged());
    json.addProperty("notAcknowledged", publication.missing());
    json.addProperty("plainBytes", publication.bytes());
    json.addProperty("ms", publication.taken().toMillis());
    return json;
  }

  private NamedLines summary(Publication publication, String where) {
    NamedLines facts = new NamedLines();
    long count = publication.acknowledged();
    facts.add("published", Units.count(count, "event") + " to " + topic().name() + " at " + where);
    if (publication.missing() > 0) {
      facts.add("not acknowledged", Units.count(publication.missing(), "event"));
    }
    facts.add("keys and values", Units.bytes(publication.bytes()) + " before compression");
    facts.add(
        "time",
        Units.duration(publication.taken()) + ", " + Units.rate(count, publication.taken()));
    return facts;
  }

  private void check() {
    Numbers.require(howMany.count >= 1, "--count", "1 or more", howMany.count);
    Numbers.require(users >= 1, "--users", "1 or more", users);
    Numbers.require(size >= 0, "--size", "zero or more", size);
    Numbers.require(rate == null || rate > 0, "--rate", "more than zero", rate);
  }
}
