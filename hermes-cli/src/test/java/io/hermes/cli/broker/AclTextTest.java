package io.hermes.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Documents;
import io.hermes.cli.Run;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A program's ACLs as other tools read them; no broker is asked. */
class AclTextTest {

  private static Run plan(String format, String program, String... does) {
    List<String> args =
        new ArrayList<>(List.of("acls", "plan", "--format", format, "--program", program));
    args.addAll(List.of(does));
    return Run.hermes("localhost:9092", args.toArray(String[]::new));
  }

  @Test
  void commandsAreThoseOfTheGuide() {
    Run plan =
        plan("commands", "billing", "--subscribe", "orders.events", "--publish", "user.events");
    assertThat(plan.exitCode()).isZero();
    String guide =
        Documents.text(Documents.ROOT.resolve("docs/security.md")).replace(" \\\n  ", " ");
    for (String command : plan.lines()) {
      assertThat(guide).contains(command);
    }
    assertThat(plan.lines()).hasSize(4);
  }

  @Test
  void aNameIsOneWordOfTheShell() {
    assertThat(plan("commands", "CN=bill it's,O=Acme", "--publish", "user.events").out())
        .contains("--allow-principal 'User:CN=bill it'\\''s,O=Acme' --operation Write");
  }

  @Test
  void aReaderGetsNoGroup() {
    assertThat(plan("commands", "audit", "--read", "user.events").lines())
        .containsExactly(
            "kafka-acls.sh --bootstrap-server localhost:9092 --add --allow-principal User:audit"
                + " --operation Read --topic user.events");
  }

  @Test
  void theUsersOfTheRepositoryAreWhatTheCommandWrites() {
    String users = Documents.text(Documents.ROOT.resolve("k8s/strimzi/users.yaml"));
    assertThat(users)
        .contains(
            plan("strimzi", "accounts", "--publish", "user.events").out(),
            plan(
                    "strimzi",
                    "billing",
                    "--subscribe",
                    "orders.events",
                    "--publish",
                    "payments.events")
                .out());
  }

  @Test
  void aUserThatKubernetesCannotNameIsRefused() {
    Run run = plan("strimzi", "CN=billing", "--publish", "user.events");
    assertThat(run.err()).contains("--program CN=billing");
    assertThat(run.exitCode()).isEqualTo(2);
  }
}
