package io.hermes.cli.broker;

import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Units;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reports on standard error when no broker responds, and when one responds again. It is for
 * commands that wait for brokers, so that nobody mistakes an outage for an idle topic. A separate
 * thread checks every few seconds.
 */
public final class OutageNotice {

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final String CLEARED_LINE = "\r\u001b[K"; // a progress bar may be on it

  private final Console console;
  private final KafkaSettings settings;
  private @Nullable Instant goneSince; // watching thread only

  private OutageNotice(Console console, KafkaSettings settings) {
    this.console = console;
    this.settings = settings;
  }

  /** Watches during the work, starting a few seconds after it begins. */
  public static <T> T during(Console console, KafkaSettings settings, Supplier<T> work) {
    OutageNotice watch = new OutageNotice(console, settings);
    Thread thread = new Thread(watch::run, "hermes-broker-watch");
    thread.setDaemon(true);
    thread.start();
    try {
      return work.get();
    } finally {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL.toMillis());
        check();
      }
    } catch (InterruptedException e) {
      // the work is over
    }
  }

  private void check() throws InterruptedException {
    Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    try {
      TopicAdmin.connect(settings).close();
      back();
    } catch (BrokerUnavailableException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      gone(begin);
    } catch (HermesException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      back(); // it rejected the request, so a broker is there
    }
  }

  private void gone(Instant now) {
    if (goneSince == null) {
      goneSince = now;
      say(
          "No broker has responded at "
              + settings.bootstrapServers()
              + " since "
              + now
              + "."
              + " Waiting for one; press Ctrl-C to stop.");
    }
  }

  private void back() {
    Instant since = goneSince;
    if (since != null) {
      goneSince = null;
      say(
          "A broker responds again, after "
              + Units.duration(Duration.between(since, Instant.now()))
              + ".");
    }
  }

  private void say(String what) {
    if (console.look().progress()) {
      console.err().print(CLEARED_LINE);
    }
    console.say(what);
  }
}
