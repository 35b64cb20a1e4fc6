package io.hermes.cli.broker;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What programs with transactions need, and that it is enough, on a broker with ACLs. */
@Timeout(120)
class TransactionAclsTest {

  private static final String PROGRAM = "billing";

  private static Run as(SecuredKafka kafka, String user, String... args) {
    return Run.hermes(new Stop(), Look.PLAIN, kafka.environment(user), args);
  }

  /** Handles two events, of which one is a dead letter. */
  private static void pipe(KafkaSettings settings) throws Exception {
    CompletableFuture<Void> committed = new CompletableFuture<>();
    Map<TopicPartition, Long> all = new ConcurrentHashMap<>();
    try (HermesSubscriber pipe =
        HermesPipe.from(UserEvent.class)
            .to(PaymentEvent.class)
            .settings(settings)
            .group(PROGRAM)
            .concurrency(1)
            .onError(ErrorPolicy.retry(1).thenDeadLetter())
            .listener(
                new SubscriberListener() {
                  @Override
                  public void committed(Map<TopicPartition, Long> offsets) {
                    all.putAll(offsets);
                    if (all.values().stream().mapToLong(Long::longValue).sum() == 2) {
                      committed.complete(null);
                    }
                  }
                })
            .start(
                (delivery, out) -> {
                  if (delivery.event().getUserId().equals("poison")) {
                    throw new IllegalStateException("told to");
                  }
                  out.emit(PaymentEvent.newBuilder().setPaymentId("payment").build());
                })) {
      committed.get(30, SECONDS);
      assertThat(pipe.health().faults()).isEmpty();
    }
  }

  @Test
  void aPipeIsRefusedByTheNameOfItsTransactionalIdUntilThatIsApplied() throws Exception {
    try (SecuredKafka kafka = SecuredKafka.start()) {
      assertThat(as(kafka, "admin", "topics", "apply").exitCode()).isZero();
      try (HermesPublisher<UserEvent> publisher =
          HermesPublisher.builder(UserEvent.class)
              .settings(KafkaSettings.fromEnvironment(kafka.environment("admin")))
              .open()) {
        for (String user : List.of("poison", "user-1")) {
          UserEvent event = UserEvent.newBuilder().setUserId(user).build();
          publisher.publishAndWait(event, ofSeconds(20));
        }
      }
      kafka.addUser(PROGRAM);
      KafkaSettings settings = KafkaSettings.fromEnvironment(kafka.environment(PROGRAM));
      List<String> apply =
          List.of("acls", "apply", "--program", PROGRAM, "--subscribe", "user.events");
      assertThat(run(kafka, apply, "--publish", "payments.events").exitCode()).isZero();
      assertThatThrownBy(() -> pipe(settings))
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("billing-pipe-");

      assertThat(run(kafka, apply, "--publish", "payments.events", "--pipe").lines())
          .contains("created  transactional id billing-pipe- (prefixed): Write, Describe");
      pipe(settings);
      Run none = run(kafka, apply, "--publish", "payments.events");
      assertThat(none.lines())
          .contains("extra    transactional id billing-pipe- (prefixed): Write, Describe");
    }
  }

  private static void publish(KafkaSettings settings) {
    try (TransactionalPublisher publisher =
        TransactionalPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.transaction(tx -> tx.publish(UserEvent.newBuilder().setUserId("user-1").build()));
    }
  }

  @Test
  void aTransactionalPublisherMayDoWhatWasApplied() throws Exception {
    try (SecuredKafka kafka = SecuredKafka.start()) {
      assertThat(as(kafka, "admin", "topics", "apply").exitCode()).isZero();
      kafka.addUser(PROGRAM);
      KafkaSettings settings =
          KafkaSettings.fromEnvironment(kafka.environment(PROGRAM)).toBuilder()
              .property("client.id", "payer")
              .build();
      List<String> apply =
          List.of("acls", "apply", "--program", PROGRAM, "--publish", "user.events");
      assertThat(run(kafka, apply).exitCode()).isZero();
      assertThatThrownBy(() -> publish(settings))
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("payer-transactions-");
      assertThat(run(kafka, apply, "--transactions", "payer").lines())
          .contains("created  transactional id payer-transactions- (prefixed): Write, Describe");
      publish(settings);
    }
  }

  private static Run run(SecuredKafka kafka, List<String> args, String... more) {
    List<String> all = new ArrayList<>(args);
    all.addAll(List.of(more));
    return as(kafka, "admin", all.toArray(String[]::new));
  }

  @Test
  void transactionalIdsAreWrittenForOtherTools() {
    String[] does = {
      "--program",
      PROGRAM,
      "--pipe",
      "--group",
      "g",
      "--subscribe",
      "user.events",
      "--publish",
      "payments.events",
      "--transactions",
      "payer"
    };
    Run commands = plan("commands", does);
    assertThat(commands.lines())
        .contains(
            "kafka-acls.sh --bootstrap-server localhost:9092 --add --allow-principal User:billing"
                + " --operation Write --operation Describe --transactional-id g-pipe-"
                + " --resource-pattern-type prefixed",
            "kafka-acls.sh --bootstrap-server localhost:9092 --add --allow-principal User:billing"
                + " --operation Write --operation Describe --transactional-id payer-transactions-"
                + " --resource-pattern-type prefixed");
    assertThat(plan("strimzi", does).out())
        .contains(
            """
                  - resource:
                      type: transactionalId
                      name: g-pipe-
                      patternType: prefix
                    operations: [Write, Describe]
            """);
  }

  private static Run plan(String format, String... does) {
    List<String> args = new ArrayList<>(List.of("acls", "plan", "--format", format));
    args.addAll(List.of(does));
    return Run.hermes("localhost:9092", args.toArray(String[]::new));
  }

  @Test
  void aPipeNeedsTheTopicThatItHandles() {
    Run run = plan("commands", "--program", PROGRAM, "--pipe", "--publish", "payments.events");
    assertThat(run.err()).contains("--pipe needs the topic that the pipe handles");
    assertThat(run.exitCode()).isEqualTo(2);
  }
}
