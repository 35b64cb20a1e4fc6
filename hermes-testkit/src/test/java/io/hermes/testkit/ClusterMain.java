package io.hermes.testkit;

import java.util.concurrent.CountDownLatch;

/** A JVM to be killed: two brokers, the second one paused. Prints their ports when they are up. */
final class ClusterMain {

  private ClusterMain() {}

  public static void main(String[] args) throws InterruptedException {
    try (KafkaCluster kafka = KafkaCluster.builder().brokers(2).start()) {
      kafka.broker(2).pause();
      System.out.println(kafka.broker(1).port() + " " + kafka.broker(2).port());
      new CountDownLatch(1).await();
    }
  }
}
