package io.hermes.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Provides the tests of a JUnit class with a running Kafka: constructors, test methods and
 * lifecycle methods may have a parameter of type {@link Kafka}.
 *
 * <pre>{@code
 * @KafkaTest
 * class OrdersTest {
 *   @Test
 *   void storesAnOrder(Kafka kafka) {
 *     String topic = kafka.uniqueTopic("orders", 3);
 *     // clients with bootstrap.servers = kafka.bootstrapServers()
 *   }
 * }
 * }</pre>
 *
 * <p>All test classes of a run share one Kafka, which starts when the first test needs it and ends
 * after the last one, so use unique topics and groups. A test that injects faults starts its own
 * {@link KafkaCluster}. Works with JUnit 5.13 and later and with JUnit 6.
 *
 * <p>The system property {@code hermes.test.broker} selects the Kafka:
 *
 * <ul>
 *   <li>{@code embedded}, the default: an {@link EmbeddedKafka};
 *   <li>{@code testcontainers}: a container of {@code apache/kafka:4.3.1}; needs Docker, and {@code
 *       org.testcontainers:testcontainers-kafka} among the test's dependencies;
 *   <li>{@code <host:port>}: a running Kafka that accepts plaintext connections; topics that tests
 *       create there remain.
 * </ul>
 *
 * <p>With any other value, or if that Kafka does not start or respond, every test fails with a
 * {@link KafkaStartException} that says why; no test is skipped.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KafkaTestExtension.class)
public @interface KafkaTest {}
