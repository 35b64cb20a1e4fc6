package io.hermes.cli.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DynamicMessage;
import io.hermes.Topic;
import io.hermes.cli.Acme;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.EmbeddedKafka;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with the contracts of another service, from a descriptor set and from a jar. */
class ContractOptionsTest {

  private final Path temp;
  private final String set;
  private final String jar;

  ContractOptionsTest(@TempDir Path temp) throws IOException {
    this.temp = temp;
    set = Acme.file(temp.resolve("acme.binpb"), Acme.descriptors()).toString();
    jar = Acme.jar(temp.resolve("acme.jar"), Acme.descriptors()).toString();
  }

  @Test
  void theyReplaceHermesOwnEvents() {
    for (String[] option : new String[][] {{"--descriptors", set}, {"--classpath", jar}}) {
      Run list = Run.hermes("", "schema", "list", option[0], option[1]);
      assertThat(list.lines()).as(list.err()).hasSize(2);
      assertThat(list.lines().get(1)).startsWith("parcels.shipped  acme.shipping.v1.ParcelShipped");
      Run show = Run.hermes("", "schema", "show", "ParcelShipped", option[0], option[1]);
      assertThat(show.out()).contains("message acme.shipping.v1.Address", "street", "redacted");
    }
  }

  @Test
  void theVariableNamesAClassPathAndAnOptionOverridesIt() throws Exception {
    Path empty = Acme.emptyJar(temp.resolve("library.jar"));
    Map<String, String> environment =
        Map.of("HERMES_CLASSPATH", empty + File.pathSeparator + jar + File.pathSeparator);
    Run list = hermes(environment, "schema", "list");
    assertThat(list.out()).as(list.err()).contains("parcels.shipped").doesNotContain("user.events");
    Path folder = Files.createDirectories(temp.resolve("classes/META-INF/hermes"));
    Acme.file(folder.resolve("acme.binpb"), Acme.descriptors());
    Run classes =
        hermes(
            Map.of("HERMES_CLASSPATH", "/nowhere"),
            "schema",
            "list",
            "--classpath",
            temp.resolve("classes").toString());
    assertThat(classes.out()).as(classes.err()).contains("parcels.shipped");
    assertThat(hermes(Map.of("HERMES_CLASSPATH", " "), "schema", "list").out())
        .contains("user.events");
  }

  private static Run hermes(Map<String, String> environment, String... args) {
    return Run.hermes(new Stop(), Look.PLAIN, environment, args);
  }

  @Test
  void everyCommandUsesThem() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      String broker = kafka.bootstrapServers();
      Run missing = Run.hermes(broker, "topics", "plan", "--classpath", jar);
      assertThat(missing.out()).startsWith("missing  parcels.shipped, 2 partitions");
      assertThat(missing.lines()).hasSize(1);
      assertThat(Run.hermes(broker, "topics", "apply", "--descriptors", set).exitCode()).isZero();

      publish(broker);
      Run consumed =
          Run.hermes(broker, "consume", "--to-end", "--format", "json", "--descriptors", set);
      assertThat(consumed.lines()).as(consumed.err()).hasSize(30);
      assertThat(consumed.lines().get(0))
          .contains("\"parcelId\":\"p-", "\"street\":\"[REDACTED]\"", "\"kind\":\"KIND_LOCKER\"");

      assertThat(Run.hermes(broker, "doctor", "--classpath", jar).out())
          .contains("parcels.shipped")
          .doesNotContain("user.events");
      assertThat(Run.hermes(broker, "dlt", "list", "--classpath", jar).err())
          .contains("No dead-letter topics");
      Run trained =
          Run.hermes(
              broker,
              "dictionary",
              "train",
              "--topic",
              "parcels.shipped",
              "--classpath",
              jar,
              "--out",
              temp.resolve("dictionaries").toString());
      assertThat(trained.out()).as(trained.err()).contains("24 events to train from");
      Run acls =
          Run.hermes(
              broker,
              "acls",
              "plan",
              "--program",
              "acme",
              "--subscribe",
              "parcels.shipped",
              "--format",
              "commands",
              "--classpath",
              jar);
      assertThat(acls.out()).as(acls.err()).contains("parcels.shipped-dlt");
    }
  }

  private void publish(String broker) {
    Topic<DynamicMessage> topic =
        ContractPlaces.read(List.of(Path.of(set)), "", List.of()).on("parcels.shipped").get(0);
    try (HermesPublisher<DynamicMessage> publisher =
        HermesPublisher.builder(topic).settings(KafkaSettings.of(broker)).open()) {
      var message = topic.descriptor();
      var address = message.findFieldByName("address");
      var kind = address.getMessageType().findFieldByName("kind");
      for (int i = 0; i < 30; i++) {
        DynamicMessage to =
            DynamicMessage.newBuilder(address.getMessageType())
                .setField(kind, kind.getEnumType().findValueByName("KIND_LOCKER"))
                .setField(address.getMessageType().findFieldByName("street"), "Main Street " + i)
                .build();
        publisher.publishAndWait(
            DynamicMessage.newBuilder(message)
                .setField(message.findFieldByName("parcel_id"), "p-" + i)
                .setField(address, to)
                .build(),
            Duration.ofSeconds(10));
      }
    }
  }

  @Test
  void aFileThatIsMissingOrOfAnotherKindIsNamed() throws Exception {
    Path text = Files.writeString(temp.resolve("notes.txt"), "Not a descriptor set at all.\n");
    refused("--descriptors: there is no file /nowhere.binpb.", "--descriptors", "/nowhere.binpb");
    refused("is not a file.", "--descriptors", temp.toString());
    refused("notes.txt is not a descriptor set", "--descriptors", text.toString());
    refused("acme.jar is not a descriptor set", "--descriptors", jar);
    refused("Write it with protoc --include_imports", "--descriptors", text.toString());
    refused("--classpath: there is no jar or folder /nowhere.jar.", "--classpath", "/nowhere.jar");
    refused("notes.txt is not a jar", "--classpath", text.toString());
    refused("To use a descriptor set, pass it with --descriptors.", "--classpath", set);
    Path damaged = Files.writeString(temp.resolve("damaged.jar"), "PK and no more\n");
    refused("damaged.jar is not a jar, or is damaged.", "--classpath", damaged.toString());
  }

  @Test
  void aJarOrSetWithoutContractsIsNamed() throws Exception {
    String library = Acme.emptyJar(temp.resolve("library.jar")).toString();
    refused(
        "library.jar has no contracts (the files META-INF/hermes/*.binpb", "--classpath", library);
    Path plain =
        Acme.file(
            temp.resolve("plain.binpb"),
            Acme.with(Acme.PARCEL, f -> FileDescriptorProto.getDefaultInstance()));
    refused(
        "plain.binpb has a contract (the option (hermes.contract.v1.topic)",
        "--descriptors",
        plain.toString());
  }

  @Test
  void aMissingImportIsNamed() throws Exception {
    Path without =
        Acme.file(
            temp.resolve("without.binpb"),
            Acme.with(Acme.ADDRESS, f -> FileDescriptorProto.getDefaultInstance()));
    refused(
        Acme.PARCEL
            + " imports "
            + Acme.ADDRESS
            + ", which is in none of the descriptor sets."
            + " Write them with protoc --include_imports",
        "--descriptors",
        without.toString());
    // Both together are complete.
    Run both =
        Run.hermes("", "schema", "list", "--descriptors", without.toString(), "--classpath", jar);
    assertThat(both.exitCode()).as(both.err()).isZero();
  }

  @Test
  void onlyConflictsThatAContractHasAreRefused() throws Exception {
    FileDescriptorSet other =
        Acme.with(
            Acme.ADDRESS,
            file -> {
              FileDescriptorProto.Builder changed = file.toBuilder();
              changed.getMessageTypeBuilder(1).getFieldBuilder(0).setNumber(9); // Country.code
              return changed.build();
            });
    Path conflicting = Acme.file(temp.resolve("other.binpb"), other);
    refused(
        "acme.binpb and "
            + conflicting
            + " define acme.shipping.v1.Country differently, which"
            + " acme.shipping.v1.ParcelShipped uses. Use the same version of it.",
        "--descriptors",
        set,
        "--descriptors",
        conflicting.toString());

    // A type of the other version that no contract has, and options in another version.
    FileDescriptorSet harmless =
        Acme.with(
            "google/protobuf/descriptor.proto",
            file -> file.toBuilder().removeMessageType(file.getMessageTypeCount() - 1).build());
    Path newer = Acme.jar(temp.resolve("newer.jar"), harmless);
    Run list =
        Run.hermes("", "schema", "list", "--classpath", jar, "--classpath", newer.toString());
    assertThat(list.exitCode()).as(list.err()).isZero();
  }

  @Test
  void aContractThatOnlyTheDroppedVersionOfAFileHasIsRefused() throws Exception {
    FileDescriptorSet newer =
        Acme.with(
            Acme.PARCEL,
            file -> {
              var lost = file.getMessageType(0).toBuilder().setName("ParcelLost");
              return file.toBuilder().addMessageType(lost).build();
            });
    Path second = Acme.file(temp.resolve("newer.binpb"), newer);
    refused(
        "acme.shipping.v1.ParcelLost of " + second + " is not in another version of " + Acme.PARCEL,
        "--descriptors",
        set,
        "--descriptors",
        second.toString());
  }

  private static void refused(String sentence, String... options) {
    String[] command = new String[options.length + 2];
    command[0] = "schema";
    command[1] = "list";
    System.arraycopy(options, 0, command, 2, options.length);
    Run run = Run.hermes("", command);
    assertThat(run.err()).contains(sentence).startsWith("hermes: ");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(2);
  }
}
