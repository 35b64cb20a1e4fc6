package io.hermes.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a JUnit class a running Kafka: constructors, test methods and lifecycle
 * methods may have a parameter of type {@link Kafka}.
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
 * after the last: use topics and groups that no other test has. A test that needs faults starts a
 * {@link KafkaCluster} of its own. Works with JUnit 5.13 and later and with JUnit 6.
 *
 * <p>The system property {@code hermes.test.broker} says which Kafka:
 *
 * <ul>
 *   <li>{@code embedded}, the default: an {@link EmbeddedKafka};
 *   <li>{@code testcontainers}: a container of {@code apache/kafka:4.3.1}; needs Docker, and {@code
 *       org.testcontainers:testcontainers-kafka} among the test's dependencies;
 *   <li>{@code <host:port>}: one that runs already and that takes plain connections; what tests
 *       create there stays.
 * </ul>
 *
 * <p>With any other value, or when that Kafka does not start or answer, every test fails with a
 * {@link KafkaStartException} that says why; none is skipped.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KafkaTestExtension.class)
public @interface KafkaTest {}
