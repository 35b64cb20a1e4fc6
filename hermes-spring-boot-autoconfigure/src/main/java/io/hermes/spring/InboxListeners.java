package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.Topic;
import io.hermes.jdbc.Inbox;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Applies the effect of each event once for listeners with {@code once = true}, using an inbox in
 * the application's database, and purges that inbox once an hour. Thread-safe.
 */
final class InboxListeners implements Effects.Once, SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  private final InboxProperties properties;
  private final ObjectProvider<DataSource> sources;
  private final ObjectProvider<PlatformTransactionManager> transactions;
  private volatile @Nullable DataSource used; // set with the first listener
  private volatile @Nullable ScheduledExecutorService purging;

  InboxListeners(
      InboxProperties properties,
      ObjectProvider<DataSource> sources,
      ObjectProvider<PlatformTransactionManager> transactions) {
    this.properties = properties;
    this.sources = sources;
    this.transactions = transactions;
  }

  @Override
  public Effects of(String listener, String group, Class<? extends Message> type) {
    DataSource source = sources.getIfUnique();
    PlatformTransactionManager manager = transactions.getIfUnique();
    if (source == null) {
      throw lacks(listener, "DataSource", "spring.datasource.url");
    }
    if (manager == null) {
      throw lacks(listener, "PlatformTransactionManager", "spring-boot-starter-jdbc or -data-jpa");
    }
    if (!Topic.of(type).hasEventId()) {
      throw new InvalidPropertyException(
          listener + " has once = true, but " + type.getName() + " has no event id.",
          "Add a field event_id to the message, or name its id in the contract with id_field.",
          null);
    }
    if (used == null) {
      new JdbcTables(
              "The inbox of " + listener,
              properties.isCreateTables(),
              "hermes.inbox.create-tables",
              "",
              Inbox::checkTables,
              Inbox::createTables)
          .ensure(source);
      used = source;
    }
    return new InboxEffects(listener, Inbox.of(group), source, manager);
  }

  private static InvalidPropertyException lacks(String listener, String type, String source) {
    return new InvalidPropertyException(
        listener
            + " has once = true, but the application does not have a "
            + type
            + ", or has several and none of them is primary.",
        "Configure one, for example with " + source + ", or annotate one with @Primary.",
        null);
  }

  @Override
  public void start() {
    DataSource source = used;
    if (source == null) {
      return;
    }
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "hermes-inbox-purge");
              thread.setDaemon(true);
              return thread;
            });
    purging = executor;
    var unused =
        executor.scheduleWithFixedDelay(
            () -> purge(source, properties.getRetention()), 0, 1, TimeUnit.HOURS);
  }

  private static void purge(DataSource source, Duration retention) {
    try {
      long purged = Inbox.purge(source, retention);
      LOG.debug("Purged {} old events from the inbox", purged);
    } catch (RuntimeException e) { // an exception would end the schedule
      LOG.warn("{} Retrying the purge in an hour.", e.getMessage());
    }
  }

  @Override
  public void stop() {
    ScheduledExecutorService executor = purging;
    purging = null;
    if (executor != null) {
      executor.shutdownNow();
    }
  }

  @Override
  public boolean isRunning() {
    return purging != null;
  }
}
