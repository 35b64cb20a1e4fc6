package io.hermes.spring;

import io.hermes.opentelemetry.HermesTelemetry;
import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** Configures traces and metrics by OpenTelemetry's conventions, if the application has both. */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration",
      "io.opentelemetry.instrumentation.spring.autoconfigure.OpenTelemetryAutoConfiguration"
    })
@ConditionalOnClass({HermesTelemetry.class, OpenTelemetry.class})
@ConditionalOnBean(OpenTelemetry.class)
class HermesOpenTelemetryAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  static HermesTelemetry hermesTelemetry(OpenTelemetry openTelemetry) {
    return HermesTelemetry.create(openTelemetry);
  }

  @Bean
  @Order(0)
  static PublisherObserver hermesPublisherTelemetry(HermesTelemetry telemetry) {
    return telemetry.publisher();
  }

  @Bean
  @Order(0)
  static SubscriberObserver hermesSubscriberTelemetry(HermesTelemetry telemetry) {
    return telemetry.subscriber();
  }

  /** Makes the event a child of the span that publishes it, since the relay has no trace. */
  @Bean
  static OutboxTrace hermesOutboxTelemetry(OpenTelemetry openTelemetry) {
    TextMapPropagator propagator = openTelemetry.getPropagators().getTextMapPropagator();
    return insertion -> {
      List<Header> headers = new ArrayList<>();
      propagator.inject(
          Context.current(),
          headers,
          (all, name, value) ->
              headers.add(new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8))));
      insertion.accept(headers);
    };
  }
}
