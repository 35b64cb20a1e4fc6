package io.hermes.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The cluster that an injected publisher publishes to: {@code @HermesCluster("eu")
 * HermesPublisher<UserEvent> publisher}. Default: the cluster of {@code spring.kafka}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER})
public @interface HermesCluster {

  /** A name below {@code hermes.clusters}. */
  String value();
}
