package io.hermes.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a child JVM that runs one broker. It shuts down on SIGTERM. It exits
 * immediately when its standard input ends, which happens when the parent JVM is gone for any
 * reason.
 */
final class BrokerMain {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerMain.class);

  private BrokerMain() {}

  /** Arguments: the configuration file, the cluster id, and the file to create when ready. */
  public static void main(String[] args) {
    Thread watch = new Thread(BrokerMain::haltWithoutParent, "hermes-kafka-parent-watch");
    watch.setDaemon(true);
    watch.start();
    try {
      KraftServer server = KraftServer.start(Path.of(args[0]), args[1]);
      Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "hermes-kafka-shutdown"));
      Files.createFile(Path.of(args[2]));
      server.awaitShutdown();
    } catch (Throwable e) {
      LOG.error("The broker did not start", e);
      Runtime.getRuntime().halt(Ports.isBindFailure(e) ? ChildJvm.BIND_FAILURE : 1);
    }
  }

  private static void haltWithoutParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever written to it; only end-of-file matters.
      }
    } catch (IOException e) {
      LOG.warn("Standard input failed", e);
    }
    Runtime.getRuntime().halt(2);
  }
}
