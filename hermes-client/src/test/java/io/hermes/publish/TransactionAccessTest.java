package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.Fault;
import io.hermes.TransactionAbortedException;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.EmbeddedKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A principal that may not use a transactional id, at the start or later. */
@Timeout(60)
class TransactionAccessTest {

  private static final AclBinding DENIED =
      new AclBinding(
          new ResourcePattern(
              ResourceType.TRANSACTIONAL_ID, "billing-transactions-", PatternType.PREFIXED),
          new AccessControlEntry(
              "User:ANONYMOUS", "*", AclOperation.WRITE, AclPermissionType.DENY));

  @Test
  void aMissingPermissionIsNamedAndOnceItIsGrantedThePublisherGoesOn() throws Exception {
    try (EmbeddedKafka kafka =
            EmbeddedKafka.builder()
                .property(
                    "authorizer.class.name",
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .property("allow.everyone.if.no.acl.found", "true")
                .property("super.users", "User:nobody")
                .start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      TransactionTopics topics = TransactionTopics.create(kafka);
      KafkaSettings settings =
          KafkaSettings.builder()
              .bootstrapServers(kafka.bootstrapServers())
              .property("client.id", "billing")
              .build();
      try (TransactionalPublisher publisher =
          topics.builder().settings(settings).timeout(Duration.ofSeconds(20)).open()) {
        TransactionTopics.both(publisher, 1);
        admin.createAcls(List.of(DENIED)).all().get(20, SECONDS);
        while (describe(admin).isEmpty()) {
          Thread.onSpinWait(); // the controller has it; the broker follows
        }
        assertThatThrownBy(() -> topics.builder().settings(settings).open())
            .isInstanceOf(AccessException.class)
            .hasMessageContaining("lacks a permission on this transactional id")
            .hasMessageContaining("kafka-acls.sh --transactional-id");
        assertThatThrownBy(() -> TransactionTopics.both(publisher, 2))
            .isInstanceOf(TransactionAbortedException.class)
            .hasCauseInstanceOf(AccessException.class)
            .matches(e -> !((TransactionAbortedException) e).isRetryable());
        while (publisher.health().faults().isEmpty()) {
          Thread.onSpinWait();
        }
        assertThat(publisher.health().faults())
            .extracting(Fault::kind)
            .containsExactly(Fault.Kind.ACCESS);

        admin.deleteAcls(List.of(DENIED.toFilter())).all().get(20, SECONDS);
        while (!publisher.health().isHealthy()) {
          Thread.onSpinWait();
        }
        TransactionTopics.both(publisher, 3);
      }
      assertThat(topics.committedUsers()).containsExactly(1, 3);
      assertThat(topics.committedPayments()).containsExactly(1, 3);
    }
  }

  private static java.util.Collection<AclBinding> describe(Admin admin) throws Exception {
    return admin.describeAcls(AclBindingFilter.ANY).values().get(20, SECONDS);
  }
}
