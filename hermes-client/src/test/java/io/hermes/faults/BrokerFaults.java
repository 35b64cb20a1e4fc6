package io.hermes.faults;

import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.util.Random;

/** Faults of the brokers of a cluster of three. */
final class BrokerFaults {

  /** What goes on while a broker is away. */
  interface Meanwhile {
    void pass() throws Exception;
  }

  private final KafkaCluster kafka;
  private final Random random;

  BrokerFaults(KafkaCluster kafka, Random random) {
    this.kafka = kafka;
    this.random = random;
  }

  /** Three brokers that miss a member soon. */
  static KafkaCluster.Builder cluster() {
    return KafkaCluster.builder()
        .brokers(3)
        .property("group.consumer.min.session.timeout.ms", "6000")
        .property("group.consumer.session.timeout.ms", "6000")
        .property("group.consumer.min.heartbeat.interval.ms", "1000")
        .property("group.consumer.heartbeat.interval.ms", "1000");
  }

  Broker any() {
    return kafka.broker(1 + random.nextInt(3));
  }

  void kill(Broker broker, Meanwhile meanwhile) throws Exception {
    broker.kill();
    meanwhile.pass();
    broker.start();
  }

  void pause(Broker broker, Meanwhile meanwhile) throws Exception {
    broker.pause();
    meanwhile.pass();
    broker.resume();
  }

  /** Without a quorum, and without the replicas that a write needs. */
  void killTwo(Meanwhile meanwhile) throws Exception {
    Broker one = any();
    Broker other = kafka.broker(1 + one.id() % 3);
    one.kill();
    other.kill();
    meanwhile.pass();
    one.start();
    other.start();
  }

  /** One after the other, in order. */
  void roll() {
    for (Broker broker : kafka.brokers()) {
      broker.stop();
      broker.start();
    }
  }
}
