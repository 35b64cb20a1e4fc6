package io.hermes.cli.records;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hermes.SettingsException;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.HermesMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Serves the metrics of one command to Prometheus, each scrape on its own thread. */
final class MetricsEndpoint implements AutoCloseable {

  private final HttpServer server;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HermesMetrics metrics = HermesMetrics.of(registry);
  private final ExecutorService threads = Executors.newCachedThreadPool(MetricsEndpoint::thread);

  private MetricsEndpoint(HttpServer server) {
    this.server = server;
  }

  static MetricsEndpoint open(InetSocketAddress address) {
    try {
      MetricsEndpoint endpoint = new MetricsEndpoint(HttpServer.create(address, 0));
      endpoint.server.setExecutor(endpoint.threads); // a slow client must not block others
      endpoint.server.createContext("/metrics", endpoint::answer);
      endpoint.server.start();
      return endpoint;
    } catch (IOException e) {
      throw new SettingsException(
          "Metrics cannot be served at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage()
              + ".",
          "Give --metrics a free port and an address of this machine.",
          e);
    }
  }

  private static Thread thread(Runnable scrape) {
    Thread thread = new Thread(scrape, "hermes-metrics");
    thread.setDaemon(true);
    return thread;
  }

  String url() {
    return url(server.getAddress());
  }

  static String url(InetSocketAddress bound) {
    String host =
        bound.getAddress().isAnyLocalAddress() ? "localhost" : bound.getAddress().getHostAddress();
    boolean v6 = host.contains(":");
    return "http://" + (v6 ? "[" + host + "]" : host) + ":" + bound.getPort() + "/metrics";
  }

  HermesMetrics metrics() {
    return metrics;
  }

  /** The same settings; if there is an endpoint, their clients report metrics to it. */
  static KafkaSettings metered(KafkaSettings settings, @Nullable MetricsEndpoint endpoint) {
    return endpoint == null
        ? settings
        : settings.toBuilder().clients(endpoint.metrics.clients(settings.clients())).build();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      exchange.sendResponseHeaders(200, text.length);
      exchange.getResponseBody().write(text);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    registry.close();
  }
}
