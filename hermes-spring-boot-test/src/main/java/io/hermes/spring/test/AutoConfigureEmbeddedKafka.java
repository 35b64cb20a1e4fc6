package io.hermes.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Connects a test's application context to a broker in the tests' JVM. Part of {@link HermesTest};
 * for the whole application, put it beside {@code @SpringBootTest}.
 *
 * <ul>
 *   <li>There is one broker for all contexts of a JVM, an {@link io.hermes.testkit.EmbeddedKafka}.
 *       It starts with the first context, takes two to three seconds, and stops when Spring Boot's
 *       shutdown hook has closed the last one. It is a bean of type {@link
 *       io.hermes.testkit.Kafka}.
 *   <li>The addresses of {@code spring.kafka} and {@code hermes.clusters} are that broker's,
 *       without security.
 *   <li>Each context has its own {@code hermes.topic-prefix}, and with it its own topics and
 *       groups: contexts in Spring's cache take no events from each other. Tests that share a
 *       context share its topics.
 *   <li>The topics of publishers and listeners are created from their contracts.
 * </ul>
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface AutoConfigureEmbeddedKafka {}
