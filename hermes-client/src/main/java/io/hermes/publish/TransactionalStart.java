package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.kafka.Bootstrap;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.TransactionalIds;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens transactional publishers. Stateless. */
final class TransactionalStart {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  /** How much longer than the timeout {@code transaction.timeout.ms} is. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private TransactionalStart() {}

  /**
   * Opens a publisher.
   *
   * @param config the configuration, with full topic names
   * @param prefix the topic prefix, which the transactional id starts with as well
   */
  static TransactionalPublisher open(PublisherConfig config, String prefix) {
    KafkaSettings settings = config.settings();
    Map<String, Object> properties = properties(config, prefix);
    PublisherStart.check(config, properties);
    String id = String.valueOf(properties.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG));
    PublisherStart.Opened opened =
        Bootstrap.open(
            settings,
            addresses ->
                PublisherStart.warmProducer(config, PublisherStart.with(addresses, properties)),
            late -> {
              var unused =
                  ProducerClose.begin(
                      "Publisher " + late.clientId(), late.producer(), Duration.ZERO);
            });
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, opened.clientId()); // also for replacements
    String owner =
        "Transactional publisher "
            + opened.clientId()
            + " of "
            + config.topics().stream().map(Topic::name).distinct().toList();
    TransactionFailures failures = new TransactionFailures(settings.bootstrapServers(), id);
    TransactionalProducer producer =
        new TransactionalProducer(
            owner,
            opened.producer(),
            () -> PublisherStart.producer(settings, properties),
            failures);
    Failure why = producer.prepare(System.nanoTime() + Timeouts.nanos(settings.openTimeout()));
    if (why != null) {
      producer.discard(System.nanoTime());
      throw why.reason();
    }
    Duration transactionTimeout = transactionTimeout(properties);
    LOG.info(
        "{}: started; brokers {}, transactional id {}, timeout {}, transaction.timeout.ms {},"
            + " transaction.version {}",
        owner,
        settings.bootstrapServers(),
        id,
        Words.duration(config.deliveryTimeout()),
        transactionTimeout.toMillis(),
        transactionVersion(settings));
    return publisher(config, id, opened.clientId(), producer, failures, transactionTimeout);
  }

  private static KafkaTransactionalPublisher publisher(
      PublisherConfig config,
      String id,
      String clientId,
      TransactionalProducer producer,
      TransactionFailures failures,
      Duration transactionTimeout) {
    KafkaSettings settings = config.settings();
    PublicationObservers observers =
        PublicationObservers.of(config.observers(), producer.owner(), LOG);
    Faults faults = new Faults(producer.owner(), LOG);
    BrokerWatch brokers =
        new BrokerWatch(
            producer::metrics,
            new MetadataProbe(settings)::brokers,
            faults,
            settings.bootstrapServers(),
            PublisherStart.quiet(settings));
    TransactionDraft.Terms terms =
        new TransactionDraft.Terms(Map.copyOf(PublisherStart.routes(config)), observers, id);
    TransactionWriter writer =
        new TransactionWriter(
            producer,
            failures,
            new CommitProbe(settings),
            new FencingReport(settings, id, transactionTimeout),
            brokers,
            faults,
            Timeouts.nanos(config.deliveryTimeout()));
    KafkaTransactionalPublisher publisher =
        new KafkaTransactionalPublisher(terms, writer, config.deliveryTimeout());
    writer.start();
    observers.opened(clientId, config.topics(), publisher::health);
    return publisher;
  }

  private static Map<String, Object> properties(PublisherConfig config, String prefix) {
    Map<String, Object> given = config.settings().producerProperties(Map.of());
    Map<String, Object> properties = PublisherStart.properties(config);
    long timeoutMs = config.deliveryTimeout().toMillis();
    // Notices an unresponsive coordinator or leader while there is still time to fail over.
    if (!given.containsKey(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)) {
      properties.put(
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) Math.min(10_000, timeoutMs / 4));
    }
    // A call that times out is repeated.
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.min(1_000, timeoutMs / 5));
    long leastMs =
        Timeouts.number(properties, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
            + Timeouts.number(properties, ProducerConfig.LINGER_MS_CONFIG);
    properties.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        (int) Math.min(Integer.MAX_VALUE, Math.max(timeoutMs, leastMs)));
    Object client = given.get(ProducerConfig.CLIENT_ID_CONFIG);
    String stem = client == null || client.toString().isBlank() ? "hermes" : client.toString();
    properties.put(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
        TransactionalIds.create(prefix + stem, "transactions"));
    String limit = ProducerConfig.TRANSACTION_TIMEOUT_CONFIG;
    if (Timeouts.isBelow(properties, limit, timeoutMs)) {
      throw new SettingsException(
          "transaction.timeout.ms is "
              + properties.get(limit)
              + ", but a transaction may take "
              + Words.duration(config.deliveryTimeout())
              + ".",
          "Raise it, or shorten the timeout of the publisher's builder.",
          null);
    }
    properties.putIfAbsent(limit, (int) (timeoutMs + MARGIN.toMillis()));
    return properties;
  }

  private static Duration transactionTimeout(Map<String, Object> properties) {
    return Duration.ofMillis(
        Timeouts.number(properties, ProducerConfig.TRANSACTION_TIMEOUT_CONFIG));
  }

  /** For the log; clusters that do not report it may support transactions all the same. */
  private static String transactionVersion(KafkaSettings settings) {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      return topics.questions(settings.openTimeout()).transactionVersion().join().toString();
    } catch (HermesException | CompletionException e) {
      LOG.debug(
          "No transaction.version", KafkaFailures.translate(e, settings.bootstrapServers(), null));
      return "unknown";
    }
  }
}
