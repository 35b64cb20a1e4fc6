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
 * Producers and consumers that report their metrics to a registry, through Kafka's own {@link
 * MetricsReporter}. Kafka calls it when a metric is added or removed, and when the client closes.
 */
final class MeteredClients implements KafkaClients {

  /** The property that passes the registry to the reporter, which Kafka instantiates. */
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

  /** Admin clients are not reported: they are short-lived, or other figures show what they do. */
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

  /** The reporter of one client. Instantiated by Kafka; thread-safe, as Kafka requires. */
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
     * Kafka reports some consumer metrics twice under the same name: in total, and for each topic
     * or partition. Sums would count them twice, and a Prometheus registry accepts only one set of
     * tags per name. Kafka's lag counts only records that are not fetched yet, and is NaN or
     * missing where nothing is fetched: watch hermes.subscriber.lag instead.
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

    /**
     * Replaces NaN, Kafka's average or maximum without any sample, since charts and alerts cannot
     * use it.
     */
    private static double value(KafkaMetric metric) {
      double value = metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
      return Double.isFinite(value) ? value : 0;
    }
  }
}
