package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What deploy.sh makes of the overlays and components that its options choose. */
@Execution(ExecutionMode.CONCURRENT)
class ScriptedOverlayTest {

  private static final String ADDRESS = "203.0.113.10";

  @TempDir Path directory;

  private StubbedScripts scripts;

  @BeforeEach
  void setUp() throws IOException {
    scripts = new StubbedScripts(directory);
  }

  @Test
  void whatIsAppliedIsTheOverlayAndWhatOnlyTheClusterKnows() throws IOException {
    scripts.digitalOcean("").advertise();
    assertThat(scripts.run("deploy.sh", "--ha", "--render").output())
        .contains("error: the load balancer has no address yet")
        .doesNotContain("kind:");
    scripts.digitalOcean(ADDRESS);
    scripts.run("deploy.sh", "--ha", "--allow-cidr", "198.51.100.7/32").expectSuccess();

    Map<String, String> differences = new TreeMap<>();
    List<String> applied = scripts.statefulSet().lines().toList();
    List<String> overlay = Kustomize.render("ha-secure").lines().toList();
    applied.stream()
        .filter(l -> !overlay.contains(l))
        .map(String::strip)
        .forEach(
            l -> {
              String[] parts = l.split(": ", 2);
              differences.put(parts[0], parts[parts.length - 1]);
            });
    assertThat(differences.keySet())
        .containsExactlyInAnyOrder(
            "- 198.51.100.7/32", // the ranges
            "hermes.io/external-name",
            "hermes.io/broker-inputs",
            "hermes.io/kafka-ui-inputs",
            "loadBalancerSourceRanges:",
            "value");
    assertThat(differences).containsEntry("value", ADDRESS);

    scripts.forgetCalls();
    Result rendered =
        scripts.run("deploy.sh", "--ha", "--allow-cidr", "198.51.100.7/32", "--render");
    assertThat(rendered.expectSuccess().output())
        .endsWith(scripts.statefulSet().replaceAll("---\n$", ""));
    assertThat(scripts.calls()).noneMatch(c -> c.contains(" apply ") || c.contains(" create "));
  }

  @Test
  void brokersThatAreDeployedFromGitAreLeftAlone() {
    scripts.digitalOcean(ADDRESS).advertise().set("certificates", "cert-manager");
    scripts.set("security", "secure");
    for (Result refused :
        List.of(scripts.run("deploy.sh", "--ha"), scripts.run("rotate-ca.sh", "start"))) {
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.output()).contains("so they are deployed from Git");
    }
    assertThat(scripts.calls()).noneMatch(c -> c.contains(" apply "));
  }

  @Test
  @Tag("full")
  void metricsNeedThePrometheusOperatorAndStay() throws IOException {
    scripts.minikube();
    assertThat(scripts.run("deploy.sh", "--metrics").output())
        .contains("error: --metrics needs the Prometheus operator");
    scripts.set("pod-monitors", "customresourcedefinition/podmonitors");
    scripts.run("deploy.sh", "--metrics").expectSuccess();
    String with = scripts.statefulSet();
    assertThat(with).contains("kind: PodMonitor", "kind: PrometheusRule", "jmx-exporter");
    scripts.run("deploy.sh").expectSuccess();
    assertThat(scripts.statefulSet()).isEqualTo(with);
    scripts.run("deploy.sh", "--no-metrics").expectSuccess();
    assertThat(scripts.statefulSet()).doesNotContain("kind: PodMonitor", "jmx-exporter");
  }

  @Test
  @Tag("full")
  void thePluginOfKafkaUiIsSwitchedOnAndOffInOnePiece() throws IOException {
    scripts.minikube();
    Result on = scripts.run("deploy.sh", "--plugin", "registry.example.com/hermes-kafka-ui:0.1.0");
    on.expectSuccess();
    String with = ui();
    assertThat(with)
        .contains("image: registry.example.com/hermes-kafka-ui:0.1.0")
        .contains("io.hermes.kafkaui.HermesSerde", "kind: Service");

    // What a second deployment finds in the cluster.
    scripts
        .set("ui-classname", "io.hermes.kafkaui.HermesSerde")
        .set("ui-image", "registry.example.com/hermes-kafka-ui:0.1.0");
    scripts.run("deploy.sh").expectSuccess();
    assertThat(ui()).isEqualTo(with);

    scripts.run("deploy.sh", "--no-plugin").expectSuccess();
    assertThat(ui())
        .contains("image: " + Compose.dotEnv().get("KAFKA_UI_IMAGE"))
        .doesNotContain("io.hermes.kafkaui.HermesSerde", "registry.example.com");
  }

  private String ui() throws IOException {
    return scripts.applied().stream()
        .filter(m -> m.contains("hermes.io/kafka-ui-inputs"))
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
