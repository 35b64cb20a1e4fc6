package io.hermes.deployment;

import java.io.IOException;

/**
 * Kafka's own main class, in a JVM that ends with the one that started it: when its standard input
 * ends.
 */
final class DeployedBrokerMain {

  private DeployedBrokerMain() {}

  /** Takes the properties file, as the image's start script does. */
  public static void main(String[] args) {
    Thread watch = new Thread(DeployedBrokerMain::haltWithoutParent, "hermes-parent-watch");
    watch.setDaemon(true);
    watch.start();
    kafka.Kafka.main(args);
  }

  private static void haltWithoutParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever written; only the end matters.
      }
    } catch (IOException e) {
      System.err.println("Standard input failed: " + e);
    }
    Runtime.getRuntime().halt(2);
  }
}
