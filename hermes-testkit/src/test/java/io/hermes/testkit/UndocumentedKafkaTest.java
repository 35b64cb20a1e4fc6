package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A broker can only be run with classes that Kafka does not document: here is where, and which. */
class UndocumentedKafkaTest {

  private static final Set<String> DOCUMENTED =
      Set.of(
          "org.apache.kafka.clients.admin",
          "org.apache.kafka.clients.producer",
          "org.apache.kafka.common",
          "org.apache.kafka.common.errors",
          "org.apache.kafka.common.serialization");

  @Test
  void onlyTheseClassesUseUndocumentedOnesOfKafkaAndTheseAlone() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false); // names are enough
    Map<String, Set<String>> used = new TreeMap<>();
    for (JavaClass user :
        new ClassFileImporter()
            .importUrl(Kafka.class.getProtectionDomain().getCodeSource().getLocation())) {
      for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String name = target.getName();
        if ((name.startsWith("org.apache.kafka.") || name.startsWith("kafka."))
            && !DOCUMENTED.contains(target.getPackageName())) {
          used.computeIfAbsent(user.getSimpleName(), u -> new TreeSet<>()).add(name);
        }
      }
    }

    assertThat(used)
        .isEqualTo(
            Map.of(
                "KraftServer",
                Set.of(
                    "kafka.server.KafkaConfig",
                    "kafka.server.KafkaRaftServer",
                    "kafka.tools.StorageTool",
                    "org.apache.kafka.common.utils.Time"),
                "SurviveFaults",
                Set.of("org.apache.kafka.common.utils.Exit")));
  }
}
