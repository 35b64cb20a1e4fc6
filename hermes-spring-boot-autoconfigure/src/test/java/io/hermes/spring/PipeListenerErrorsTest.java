package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.PipeHandler;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What cannot be a pipe fails at start, by name and with the reason. */
class PipeListenerErrorsTest {

  private static FailureAnalysis analysis(ApplicationContextRunner context) {
    AtomicReference<FailureAnalysis> found = new AtomicReference<>();
    context.run(started -> found.set(Services.analysis(started.getStartupFailure())));
    return Objects.requireNonNull(found.get());
  }

  static class WithoutOutputs {
    @HermesListener(group = "g")
    void bad(UserEvent event, Emitter out) {}
  }

  static class WithoutEmitter {
    @HermesListener(group = "g", to = OrderPlaced.class)
    void bad(UserEvent event) {}
  }

  static class OfABatch {
    @HermesListener(group = "g", to = OrderPlaced.class)
    void bad(List<Delivery<UserEvent>> batch, Emitter out) {}
  }

  static class Asynchronous {
    @HermesListener(group = "g", to = OrderPlaced.class)
    CompletionStage<Void> bad(UserEvent event, Emitter out) {
      throw new AssertionError("not called");
    }
  }

  static class Once {
    @HermesListener(group = "g", to = OrderPlaced.class, once = true)
    void bad(UserEvent event, Emitter out) {}
  }

  static class OfTombstones {
    @HermesListener(group = "g", to = OrderPlaced.class, tombstones = true)
    void bad(Delivery<UserEvent> delivery, Emitter out) {}
  }

  @HermesListener(group = "g")
  static class BeanWithoutOutputs implements PipeHandler<UserEvent> {
    @Override
    public void handle(Delivery<UserEvent> delivery, Emitter out) {}
  }

  @HermesListener(group = "g", to = OrderPlaced.class)
  static class BeanWithoutEmitter implements Handler<UserEvent> {
    @Override
    public void handle(Delivery<UserEvent> delivery) {}
  }

  @HermesListener(group = "g", to = OrderPlaced.class, once = true)
  static class BeanOnce implements PipeHandler<UserEvent> {
    @Override
    public void handle(Delivery<UserEvent> delivery, Emitter out) {}
  }

  static Stream<Arguments> unfit() {
    return Stream.of(
        arguments(WithoutOutputs.class, "emits events, but does not name their types."),
        arguments(WithoutEmitter.class, "has to = [OrderPlaced], but takes no Emitter."),
        arguments(OfABatch.class, "emits events, but takes a batch."),
        arguments(Asynchronous.class, "emits events, but returns a CompletionStage."),
        arguments(
            Once.class, "emits events, but has once = true: a Kafka transaction cannot include"),
        arguments(OfTombstones.class, "emits events, but handles tombstones."),
        arguments(BeanWithoutOutputs.class, "emits events, but does not name their types."),
        arguments(BeanWithoutEmitter.class, "has to = [OrderPlaced], but takes no Emitter."),
        arguments(
            BeanOnce.class,
            "emits events, but has once = true: a Kafka transaction cannot include"));
  }

  @ParameterizedTest
  @MethodSource("unfit")
  void whatCannotBeAPipeIsNamedWithTheReason(Class<?> bean, String why) {
    FailureAnalysis analysis = analysis(Services.without().withBean("unfit", bean));
    assertThat(analysis.getDescription()).contains(why);
    assertThat(analysis.getDescription())
        .startsWith(
            bean.getSimpleName().startsWith("Bean")
                ? "the bean 'unfit' "
                : bean.getName() + ".bad(");
    assertThat(analysis.getAction()).isNotEmpty();
  }

  static class Shared {
    @HermesListener(group = "g", to = OrderPlaced.class)
    void pipe(UserEvent event, Emitter out) {}

    @HermesListener(group = "g")
    void other(OrderPlaced event) {}
  }

  @Test
  void aPipeHasItsGroupToItself() {
    FailureAnalysis analysis = analysis(Services.without().withBean(Shared.class));
    assertThat(analysis.getDescription())
        .startsWith(
            Shared.class.getName()
                + ".pipe(UserEvent, Emitter) emits events, but shares its group with other"
                + " listeners: [")
        .contains(".other(OrderPlaced)");
    assertThat(analysis.getAction()).startsWith("A pipe cannot share its group");
  }

  @Configuration(proxyBeanMethods = false)
  static class Fit {
    @Bean
    @HermesListener(group = "g", to = OrderPlaced.class)
    PipeHandler<UserEvent> pipe() {
      return (delivery, out) -> {};
    }
  }

  @Test
  void aWrongSliceIsNamedByItsProperty() {
    ApplicationContextRunner fit = Services.without().withUserConfiguration(Fit.class);
    assertThat(
            analysis(fit.withPropertyValues("hermes.subscribers.g.max-slice=1m")).getDescription())
        .isEqualTo("hermes.subscribers.g.max-slice must be 1 ms to 5 s, not 60 s.");
    assertThat(analysis(fit.withPropertyValues("hermes.max-events=0")).getDescription())
        .isEqualTo("hermes.max-events must be 1 or more, not 0.");
  }
}
