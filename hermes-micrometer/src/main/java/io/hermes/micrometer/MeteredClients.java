package io.hermes.micrometer;

import io.hermes.kafka.KafkaClients;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.jspecify.annotations.Nullable;

/**
 * Producers and consumers that report their metrics to a registry. They do so by Kafka's own {@link
 * MetricsReporter}, which hears of every metric that comes and goes, and of the client's end.
 */
final class MeteredClients implements KafkaClients {

  /** The reporter, which Kafka makes, finds the registry here. */
  private static final String REGISTRY = "hermes.micrometer.registry";

  private final MeterRegistry registry;
  private final KafkaClients decorated;

  MeteredClients(MeterRegistry registry, KafkaClients decorated) {
    this.registry = registry;
    this.decorated = Objects.requireNonNull(decorated);
  }

  @Override
  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
    return decorated.producer(reporting(config));
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return decorated.consumer(reporting(config));
  }

  /** They live for a moment, or do nothing that another figure does not show. */
  @Override
  public Admin admin(Map<String, Object> config) {
    return decorated.admin(config);
  }

  private Map<String, Object> reporting(Map<String, Object> config) {
    Object configured = config.get(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG);
    List<Object> reporters = new ArrayList<>();
    if (configured == null) {
      reporters.add(JmxReporter.class.getName()); // Kafka's default
    } else if (configured instanceof List<?> list) {
      reporters.addAll(list);
    } else {
      Arrays.stream(configured.toString().split(","))
          .map(String::strip)
          .filter(name -> !name.isEmpty())
          .forEach(reporters::add);
    }
    reporters.add(Reporter.class);
    Map<String, Object> reporting = new HashMap<>(config);
    reporting.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, reporters);
    reporting.put(REGISTRY, registry);
    return reporting;
  }

  /** Of one client. Made by Kafka; safe for any thread, which Kafka asks for. */
  public static final class Reporter implements MetricsReporter {

    private static final String FETCH = "consumer-fetch-manager-metrics";

    private final Map<MetricName, Meter> meters = new ConcurrentHashMap<>();
    private volatile @Nullable MeterRegistry registry; // set before any metric is reported

    /** Called by Kafka. */
    public Reporter() {}

    private MeterRegistry registry() {
      return Objects.requireNonNull(registry);
    }

    @Override
    public void configure(Map<String, ?> configs) {
      registry = (MeterRegistry) Objects.requireNonNull(configs.get(REGISTRY));
    }

    @Override
    public void init(List<KafkaMetric> metrics) {
      metrics.forEach(this::metricChange);
    }

    @Override
    public void metricChange(KafkaMetric metric) {
      if (isReported(metric)) {
        meters.put(metric.metricName(), register(metric));
      }
    }

    @Override
    public void metricRemoval(KafkaMetric metric) {
      Meter meter = meters.remove(metric.metricName());
      if (meter != null) {
        registry().remove(meter);
      }
    }

    @Override
    public void close() {
      meters.values().forEach(registry()::remove);
      meters.clear();
    }

    /**
     * Kafka has some of a consumer's figures twice, for all that it fetches and for each topic or
     * partition, by the same name: the sum would count double, and a Prometheus registry takes only
     * one set of tags under a name. The lag among them is that of records not fetched, and NaN or
     * gone where nothing is: hermes.subscriber.lag is the one to watch.
     */
    private static boolean isReported(KafkaMetric metric) {
      MetricName name = metric.metricName();
      if (name.group().equals(FETCH)
          && (name.tags().containsKey("topic")
              || name.name().startsWith("records-lag")
              || name.name().startsWith("records-lead"))) {
        return false;
      }
      return !name.group().equals("app-info")
          && !name.group().equals("kafka-metrics-count")
          && metric.metricValue() instanceof Number;
    }

    private Meter register(KafkaMetric metric) {
      MetricName name = metric.metricName();
      String meter =
          "kafka."
              + name.group().replace("-metrics", "").replace('-', '.')
              + "."
              + name.name().replace('-', '.');
      Tags tags = Tags.empty();
      for (Map.Entry<String, String> tag : name.tags().entrySet()) {
        tags = tags.and(tag.getKey().replace('-', '.'), tag.getValue());
      }
      return name.name().endsWith("-total")
          ? FunctionCounter.builder(meter, metric, Reporter::value)
              .tags(tags)
              .description(name.description())
              .register(registry())
          : Gauge.builder(meter, () -> value(metric))
              .tags(tags)
              .description(name.description())
              .register(registry());
    }

    /** An average or a maximum of nothing is NaN to Kafka, which no chart and no alert can use. */
    private static double value(KafkaMetric metric) {
      double value = metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
      return Double.isFinite(value) ? value : 0;
    }
  }
}
