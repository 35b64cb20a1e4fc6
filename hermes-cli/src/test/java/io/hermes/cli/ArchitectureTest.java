package io.hermes.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.hermes.HermesException;
import io.hermes.contract.schema.ContractRules;
import io.hermes.jdbc.Outbox;
import io.hermes.testkit.EmbeddedKafka;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package of the command line may use which. */
class ArchitectureTest {

  private static final String CLI = "io.hermes.cli";
  private static final JavaClasses CLASSES = classes();

  private static JavaClasses classes() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    return new ClassFileImporter()
        .importUrl(HermesCli.class.getProtectionDomain().getCodeSource().getLocation());
  }

  @Test
  void packagesDependInOneDirectionOnly() {
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
        .containsExactlyInAnyOrder(
            CLI,
            CLI + ".console",
            CLI + ".contracts",
            CLI + ".broker",
            CLI + ".records",
            CLI + ".doctor",
            CLI + ".dlt",
            CLI + ".groups",
            CLI + ".dictionary",
            CLI + ".outbox");
    mayUse("console");
    mayUse("contracts", "console");
    mayUse("broker", "console", "contracts");
    mayUse("records", "console", "contracts", "broker");
    mayUse("doctor", "console", "contracts", "broker");
    mayUse("dlt", "console", "contracts", "broker", "records");
    mayUse("groups", "console", "contracts", "broker", "records");
    mayUse("dictionary", "console", "contracts", "broker", "records");
    mayUse("outbox", "console", "contracts");
  }

  /** Of the classes that one may have open side by side; those that protoc makes not among them. */
  @Test
  void noTwoClassesHaveTheSameName() {
    List<String> names =
        Stream.of(
                HermesCli.class,
                HermesException.class,
                ContractRules.class,
                EmbeddedKafka.class,
                Outbox.class)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .flatMap(place -> new ClassFileImporter().importUrl(place).stream())
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .filter(type -> !type.getPackageName().equals("io.hermes.contract"))
            .map(JavaClass::getSimpleName)
            .toList();
    assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(250);
  }

  private static void mayUse(String user, String... used) {
    List<String> allowed = new ArrayList<>(List.of(CLI + "." + user));
    for (String name : used) {
      allowed.add(CLI + "." + name);
    }
    noClasses()
        .that()
        .resideInAPackage(CLI + "." + user)
        .should()
        .dependOnClassesThat(
            resideInAPackage(CLI + "..")
                .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(CLI + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
