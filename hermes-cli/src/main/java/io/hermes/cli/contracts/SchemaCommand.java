package io.hermes.cli.contracts;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import io.hermes.Topic;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.contract.EmptyKey;
import io.hermes.contract.schema.ContractProblems;
import io.hermes.contract.schema.Finding;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows the contracts. */
@Command(
    name = "schema",
    description =
        "Show the contracts: the events, their topics and their fields. Topics have the names in the"
            + " schemas, without HERMES_TOPIC_PREFIX.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes schema list                all events",
      "  ./hermes schema show orders.events  all events of a topic",
      "  ./hermes schema list --classpath target/orders.jar      the events of another service",
      "  ./hermes schema list --descriptors build/orders.binpb   the events in a descriptor set"
    })
public final class SchemaCommand {

  private static final int WIDE = 100; // the width from which packages fit

  private final Console console;

  private SchemaCommand(Console console) {
    this.console = console;
  }

  public static CommandLine commandLine(Console console, Map<String, String> environment) {
    IFactory standard = CommandLine.defaultFactory();
    return new CommandLine(
        new SchemaCommand(console),
        new IFactory() {
          @Override
          public <K> K create(Class<K> type) throws Exception {
            return type == ContractOptions.class
                ? type.cast(new ContractOptions(environment))
                : standard.create(type);
          }
        });
  }

  @Command(
      name = "list",
      description = "List every event that has a contract. Needs no broker.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./hermes schema list",
        "  ./hermes schema list --json | jq -r 'select(.topic == \"orders.events\") | .message'"
      })
  int list(@Mixin ContractOptions contractOptions, @Mixin OutputOption output) {
    List<Topic<DynamicMessage>> contracts = contractOptions.contracts().byTopic();
    if (output.isJson()) {
      contracts.forEach(contract -> OutputOption.print(console, json(contract)));
      return 0;
    }
    int columns = console.look().columns();
    boolean narrow = columns > 0 && columns < WIDE;
    Table table =
        new Table("TOPIC", "MESSAGE", "KEY FIELD", "TYPE FIELD", "ENCODING", " PARTITIONS");
    for (Topic<DynamicMessage> contract : contracts) {
      table.add(
          contract.name(),
          narrow ? contract.descriptor().getName() : contract.messageType(),
          or(contract.contract().getKeyField(), "-"),
          or(contract.contract().getTypeField(), "-"),
          encoding(contract),
          contract.partitions().isPresent()
              ? Integer.toString(contract.partitions().getAsInt())
              : "default");
    }
    table.print(console);
    return 0;
  }

  private static JsonObject json(Topic<?> contract) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", contract.name());
    json.addProperty("message", contract.messageType());
    json.addProperty("keyField", emptyToNull(contract.contract().getKeyField()));
    json.addProperty("typeField", emptyToNull(contract.contract().getTypeField()));
    json.addProperty("idField", idField(contract).orElse(null));
    json.addProperty("encoding", encoding(contract));
    json.addProperty(
        "partitions", contract.partitions().isPresent() ? contract.partitions().getAsInt() : null);
    return json;
  }

  private static JsonObject json(Topic<?> contract, Contracts contracts) {
    JsonObject json = json(contract);
    json.addProperty("source", contract.descriptor().getFile().getName());
    JsonObject configuration = new JsonObject();
    contract.configuration().forEach(configuration::addProperty);
    json.add("configuration", configuration);
    json.add("fields", SchemaTypes.json(contract.descriptor()));
    json.add("types", SchemaTypes.types(contract.descriptor()));
    JsonArray findings = new JsonArray();
    for (Finding finding : contracts.findings(contract)) {
      findings.add(finding.severity() + ": " + finding.text());
    }
    json.add("findings", findings);
    return json;
  }

  @Command(
      name = "show",
      description = {
        "Show the contracts of a topic, or the contract of a message, with all fields.",
        "Fields with debug_redact in the schema are marked as redacted: Hermes hides them in"
            + " all output. Findings of the contract rules are shown too. Needs no broker."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./hermes schema show orders.events",
        "  ./hermes schema show OrderPlaced",
        "  ./hermes schema show hermes.events.v1.UserEvent",
        "  ./hermes schema show UserEvent --json | jq -r '.. | select(.redacted?) | .name'"
      })
  int show(
      @Parameters(
              paramLabel = "NAME",
              description = "A topic, or a message with or without its package.")
          String name,
      @Mixin ContractOptions contractOptions,
      @Mixin OutputOption output) {
    Contracts contracts = contractOptions.contracts();
    List<Topic<DynamicMessage>> shown = contracts.named(name);
    if (output.isJson()) {
      shown.forEach(contract -> OutputOption.print(console, json(contract, contracts)));
      return 0;
    }
    SchemaTypes types = new SchemaTypes(console);
    String between = "";
    for (Topic<DynamicMessage> contract : shown) {
      console.out().print(between);
      between = System.lineSeparator();
      facts(contract, contracts).print(console);
      console.out().println();
      types.print(contract);
    }
    types.printInside();
    return 0;
  }

  private static NamedLines facts(Topic<DynamicMessage> contract, Contracts contracts) {
    NamedLines facts = new NamedLines();
    facts.add("message", contract.messageType());
    String comment = new Comments(contract.descriptor().getFile()).of(contract.descriptor());
    if (!comment.isEmpty()) {
      facts.add("", comment);
    }
    facts.add("source", contract.descriptor().getFile().getName());
    String others =
        contracts.on(contract.name()).stream()
            .filter(other -> !other.messageType().equals(contract.messageType()))
            .map(Topic::messageType)
            .collect(Collectors.joining(", "));
    facts.add("topic", contract.name() + (others.isEmpty() ? "" : ", shared with " + others));
    facts.add("key field", key(contract));
    facts.add("type field", or(contract.contract().getTypeField(), "none"));
    facts.add("id field", idField(contract).orElse("none"));
    facts.add("encoding", encoding(contract));
    facts.add(
        "partitions",
        contract.partitions().isPresent()
            ? Integer.toString(contract.partitions().getAsInt())
            : "the broker's default");
    contract.configuration().forEach(facts::add);
    String label = "findings";
    for (Finding finding : contracts.findings(contract)) {
      facts.add(label, finding.severity() + ": " + Text.printable(finding.text()));
      label = "";
    }
    return facts;
  }

  private static String key(Topic<?> contract) {
    String field = contract.contract().getKeyField();
    if (field.isEmpty()) {
      return "none";
    }
    return contract.contract().getEmptyKey() == EmptyKey.EMPTY_KEY_SPREAD
        ? field + "; an event with an empty key field has no key"
        : field + "; an event with an empty key field is rejected";
  }

  /** The field that the contract names as the id, or else the usual one. */
  private static Optional<String> idField(Topic<?> contract) {
    return ContractProblems.idField(contract.descriptor(), contract.contract());
  }

  private static String encoding(Topic<?> contract) {
    return contract.encoding().name().toLowerCase(Locale.ROOT);
  }

  private static String or(String text, String ifEmpty) {
    return text.isEmpty() ? ifEmpty : text;
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
