package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** Dashboard, alerts and compose file for services: complete, and wired to each other. */
class MonitoringFilesTest {

  private final Compose compose =
      Compose.load("docker-compose.yaml", "docker-compose.monitoring.yaml");

  private static Map<String, Object> yaml(String file) {
    return Compose.map(new Yaml().load(Repository.read(file)));
  }

  private static List<Map<String, Object>> list(Object value) {
    return ((List<?>) value).stream().map(Compose::map).toList();
  }

  @Test
  void everyAlertHasTextsAndARunbookThatIsThere() {
    String guide = Repository.read("docs/observability.md");
    String tests = Repository.read("monitoring/service-alerts.test.yaml");
    int alerts = 0;
    for (Map<String, Object> group : list(yaml("monitoring/service-alerts.yaml").get("groups"))) {
      for (Map<String, Object> rule : list(group.get("rules"))) {
        String name = (String) rule.get("alert");
        Map<String, Object> texts = Compose.map(rule.get("annotations"));
        assertThat(texts).as(name).containsOnlyKeys("summary", "description", "runbook_url");
        assertThat(texts.get("runbook_url"))
            .isEqualTo("docs/observability.md#" + name.toLowerCase(Locale.ROOT));
        assertThat(guide).contains("\n### " + name + "\n");
        assertThat(tests).contains(name);
        assertThat(Compose.map(rule.get("labels")).get("severity")).isIn("warning", "critical");
        alerts++;
      }
    }
    assertThat(alerts)
        .isEqualTo((int) guide.lines().filter(l -> l.startsWith("### Hermes")).count());
  }

  @Test
  void whatTheContainersMountIsThereAndPortsAreThisMachinesOnly() {
    for (String service : List.of("prometheus", "grafana")) {
      assertThat(compose.strings(service, "ports"))
          .isNotEmpty()
          .allMatch(port -> port.startsWith("127.0.0.1:"));
      for (String mount : compose.mounts(service).values()) {
        if (mount.startsWith("./")) {
          assertThat(Repository.file(mount.substring(2, mount.indexOf(':')))).isRegularFile();
        }
      }
    }
    assertThat(compose.mounts("grafana")).containsKey("/var/lib/grafana");
    assertThat(compose.mounts("prometheus")).containsKey("/prometheus");
  }

  @Test
  void grafanaKnowsPrometheusAndFindsTheDashboard() {
    Map<String, Object> source =
        list(yaml("monitoring/compose/grafana-datasources.yaml").get("datasources")).get(0);
    assertThat(source.get("url")).isEqualTo("http://prometheus:9090");
    Map<String, Object> provider =
        list(yaml("monitoring/compose/grafana-dashboards.yaml").get("providers")).get(0);
    String folder = (String) Compose.map(provider.get("options")).get("path");
    assertThat(compose.mounts("grafana")).containsKey(folder + "/service-dashboard.json");
    assertThat(compose.environment("grafana"))
        .containsEntry(
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", folder + "/service-dashboard.json");
    Map<String, Object> prometheus = yaml("monitoring/compose/prometheus.yaml");
    for (Object file : (List<?>) prometheus.get("rule_files")) {
      assertThat(compose.mounts("prometheus")).containsKey("/etc/prometheus/" + file);
    }
  }

  @Test
  void theDashboardHasItsRowsAndNoTwoPanelsOverlap() {
    JsonObject dashboard =
        JsonParser.parseString(Repository.read("monitoring/service-dashboard.json"))
            .getAsJsonObject();
    List<String> rows = new ArrayList<>();
    Set<String> cells = new HashSet<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonElement element : dashboard.getAsJsonArray("panels")) {
      JsonObject panel = element.getAsJsonObject();
      assertThat(ids.add(panel.get("id").getAsInt())).isTrue();
      if (panel.get("type").getAsString().equals("row")) {
        rows.add(panel.get("title").getAsString());
      }
      JsonObject grid = panel.getAsJsonObject("gridPos");
      for (int x = 0; x < grid.get("w").getAsInt(); x++) {
        for (int y = 0; y < grid.get("h").getAsInt(); y++) {
          int column = grid.get("x").getAsInt() + x;
          assertThat(column).isLessThan(24);
          assertThat(cells.add(column + "/" + (grid.get("y").getAsInt() + y)))
              .as(panel.get("title").getAsString())
              .isTrue();
        }
      }
    }
    assertThat(rows)
        .containsExactly(
            "State", "Publishing", "Handling", "Lag", "Failures", "Rebalances", "Kafka client");
  }

  @Test
  @Tag("full")
  void prometheusTakesTheRulesAndTheirTestsPass(@TempDir Path directory) throws Exception {
    for (String file : List.of("service-alerts.yaml", "service-alerts.test.yaml")) {
      Files.copy(Repository.file("monitoring/" + file), directory.resolve(file));
    }
    Files.copy(
        Repository.file("monitoring/compose/prometheus.yaml"),
        directory.resolve("prometheus.yaml"));
    for (List<String> command :
        List.of(
            List.of("promtool", "check", "rules", "service-alerts.yaml"),
            List.of("promtool", "check", "config", "prometheus.yaml"),
            List.of("promtool", "test", "rules", "service-alerts.test.yaml"))) {
      Processes.run(command, Map.of(), directory).expectSuccess();
    }
  }
}
