package io.hermes;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may use which, and what of Kafka may be used at all. */
class ArchitectureTest {

  private static final String[] CONTRACT = {"io.hermes.contract", "io.hermes.contract.schema"};

  /** The packages that Kafka documents as its API, as far as a client needs them. */
  private static final String[] KAFKAS_API = {
    "org.apache.kafka.clients.admin",
    "org.apache.kafka.clients.consumer",
    "org.apache.kafka.clients.producer",
    "org.apache.kafka.common",
    "org.apache.kafka.common.acl",
    "org.apache.kafka.common.config",
    "org.apache.kafka.common.config.types", // Password, the type of ConfigDef's secrets
    "org.apache.kafka.common.errors",
    "org.apache.kafka.common.header",
    "org.apache.kafka.common.metrics",
    "org.apache.kafka.common.resource",
    "org.apache.kafka.common.serialization"
  };

  private static final JavaClasses CLIENT = client();

  private static JavaClasses client() {
    // Kafka's and protobuf's classes are only named here: reading them would take many seconds.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .importUrl(HermesException.class.getProtectionDomain().getCodeSource().getLocation());
  }

  @Test
  void packagesDependInOneDirectionOnly() {
    assertThat(CLIENT.stream().map(JavaClass::getPackageName).distinct())
        .isSubsetOf(
            "io.hermes",
            "io.hermes.codec",
            "io.hermes.kafka",
            "io.hermes.publish",
            "io.hermes.subscribe",
            "io.hermes.read")
        .contains("io.hermes", "io.hermes.codec", "io.hermes.kafka", "io.hermes.read");
    mayUse("io.hermes");
    mayUse("io.hermes.codec", "io.hermes");
    mayUse("io.hermes.kafka", "io.hermes", "io.hermes.codec");
    mayUse("io.hermes.publish", "io.hermes", "io.hermes.codec", "io.hermes.kafka");
    mayUse(
        "io.hermes.subscribe",
        "io.hermes",
        "io.hermes.codec",
        "io.hermes.kafka",
        "io.hermes.publish");
    mayUse("io.hermes.read", "io.hermes", "io.hermes.codec", "io.hermes.kafka");
  }

  private static void mayUse(String user, String... used) {
    String[] allowed =
        Stream.of(new String[] {user}, CONTRACT, used)
            .flatMap(Arrays::stream)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(user)
        .should()
        .dependOnClassesThat(resideInAPackage("io.hermes..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true)
        .check(CLIENT);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.hermes.(*)").should().beFreeOfCycles().check(CLIENT);
  }

  /** Except from an interface of the API to what makes the objects behind it, and back. */
  @Test
  void classesHaveNoCycles() {
    slices()
        .assignedFrom(new TopLevelClasses())
        .should()
        .beFreeOfCycles()
        .ignoreDependency(
            "io.hermes.publish.HermesPublisher$Builder", "io.hermes.publish.PublisherStart")
        .ignoreDependency(
            "io.hermes.publish.TransactionalPublisher$Builder",
            "io.hermes.publish.TransactionalStart")
        .ignoreDependency(
            "io.hermes.subscribe.HermesSubscriber", "io.hermes.subscribe.SubscriberBuilder")
        .ignoreDependency("io.hermes.read.HermesReader$Builder", "io.hermes.read.ReaderStart")
        .ignoreDependency("io.hermes.kafka.KafkaClients", "io.hermes.kafka.StandardClients")
        .ignoreDependency("io.hermes.PublishException", "io.hermes.PublishRejectedException")
        .ignoreDependency("io.hermes.PublishException", "io.hermes.PublishUnknownException")
        .check(CLIENT);
  }

  /** A class with those that it contains. */
  private static final class TopLevelClasses implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = type.getName();
      int nested = name.indexOf('$');
      return SliceIdentifier.of(nested < 0 ? name : name.substring(0, nested));
    }

    @Override
    public String getDescription() {
      return "top level classes";
    }
  }

  @Test
  void usesOnlyWhatKafkaDocuments() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.apache.kafka..").and(not(resideInAnyPackage(KAFKAS_API))))
        .because("the other packages move between Kafka's minor releases")
        .check(CLIENT);
  }

  @Test
  void onlyTheSeamMakesKafkasClients() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.hermes.kafka.StandardClients")
        .should()
        .callConstructorWhere(
            target(owner(name("org.apache.kafka.clients.consumer.KafkaConsumer")))
                .or(target(owner(name("org.apache.kafka.clients.producer.KafkaProducer")))))
        .orShould()
        .callMethodWhere(
            target(owner(name("org.apache.kafka.clients.admin.Admin"))).and(target(name("create"))))
        .check(CLIENT);
  }

  @Test
  void everyExceptionIsOneOfHermes() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Exception")
        .should()
        .beAssignableTo(HermesException.class)
        .check(CLIENT);
  }
}
