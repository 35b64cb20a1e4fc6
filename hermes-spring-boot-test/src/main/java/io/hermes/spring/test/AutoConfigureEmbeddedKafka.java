package io.hermes.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Connects a test's application context to a broker in the tests' JVM. Part of {@link HermesTest};
 * for the whole application, use it with {@code @SpringBootTest}.
 *
 * <ul>
 *   <li>All contexts of a JVM share one broker, an {@link io.hermes.testkit.EmbeddedKafka}. It
 *       starts with the first context, which takes two to three seconds, and stops after Spring
 *       Boot's shutdown hook has closed the last context. It is a bean of type {@link
 *       io.hermes.testkit.Kafka}.
 *   <li>{@code spring.kafka} and {@code hermes.clusters} connect to that broker, without security.
 *   <li>Each context has its own {@code hermes.topic-prefix}, and thus its own topics and groups,
 *       so cached contexts do not take events from each other. Tests that share a context share its
 *       topics.
 *   <li>The topics of publishers and listeners are created from their contracts.
 * </ul>
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface AutoConfigureEmbeddedKafka {}
