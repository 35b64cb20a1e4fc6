package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.PipeHandler;
import io.hermes.testkit.EmbeddedKafka;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.transaction.support.TransactionTemplate;

/** A context that is processed ahead of time, as for a native image, and what it runs as. */
@Tag("full")
@Timeout(180)
class NativeImageTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  static final class Received {
    final List<String> events = new CopyOnWriteArrayList<>();
  }

  abstract static class Base<E extends Message> {
    @HermesListener(group = "base")
    void base(Delivery<E> delivery) {}
  }

  static class Listeners extends Base<OrderCancelled> {
    private final Received received;
    private final HermesPublisher<UserEvent> publisher;

    @Autowired
    @EventTypes(PaymentEvent.class)
    HermesPublisher<Message> any;

    Listeners(Received received, HermesPublisher<UserEvent> publisher) {
      this.received = received;
      this.publisher = publisher;
    }

    @HermesListener(group = "method")
    void on(UserEvent event) {
      received.events.add("method " + event.getUserId());
    }

    @HermesListener(group = "once", once = true)
    void once(UserEvent event) {
      received.events.add("once " + event.getUserId());
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    SslAutoConfiguration.class,
    MetricsAutoConfiguration.class,
    CompositeMeterRegistryAutoConfiguration.class,
    SimpleMetricsExportAutoConfiguration.class,
    ObservationAutoConfiguration.class,
    HealthContributorRegistryAutoConfiguration.class,
    HealthContributorAutoConfiguration.class,
    HermesMicrometerAutoConfiguration.class,
    HermesAutoConfiguration.class,
    HermesHealthAutoConfiguration.class,
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    HermesJdbcAutoConfiguration.class
  })
  static class Service {
    @Bean
    Received received() {
      return new Received();
    }

    @Bean
    Listeners listeners(Received received, HermesPublisher<UserEvent> publisher) {
      return new Listeners(received, publisher);
    }

    @Bean
    @HermesListener(group = "handler")
    Handler<UserEvent> handler(Received received) {
      return delivery -> received.events.add("handler " + delivery.event().getUserId());
    }
  }

  private static String process(TestGenerationContext generation) {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.register(Service.class);
    String name =
        new ApplicationContextAotGenerator()
            .processAheadOfTime(context, generation)
            .canonicalName();
    generation.writeGeneratedContent();
    return name;
  }

  // A broker of its own: a parameter would start one in the loader that does not run this, too.
  @Test
  @CompileWithForkedClassLoader // what is generated is in the packages of what it uses
  void aContextProcessedAheadOfTimePublishesAndHandles() {
    TestGenerationContext generation = new TestGenerationContext();
    String name = process(generation);
    TestCompiler.forSystem()
        .with(generation)
        .compile(compiled -> runs(initializer(compiled.getInstance(Object.class, name))));
  }

  @SuppressWarnings("unchecked") // the generator says it
  private static ApplicationContextInitializer<GenericApplicationContext> initializer(Object made) {
    return (ApplicationContextInitializer<GenericApplicationContext>) made;
  }

  private static void runs(ApplicationContextInitializer<GenericApplicationContext> initializer) {
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        GenericApplicationContext context = new GenericApplicationContext()) {
      for (String topic : List.of("user.events", "orders.events", "payments.events")) {
        kafka.createTopic("aot." + topic, 1);
      }
      Map<String, Object> properties =
          Map.of(
              "spring.kafka.bootstrap-servers",
              kafka.bootstrapServers(),
              "hermes.topic-prefix",
              "aot.",
              "hermes.outbox.create-tables",
              true,
              "hermes.inbox.create-tables",
              true);
      context
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("test", properties));
      initializer.initialize(context);
      context.refresh();
      Listeners listeners = context.getBean(Listeners.class);
      listeners.publisher.publishAndWait(Databases.event("one"), LONG);
      TransactionalOutbox outbox = context.getBean(TransactionalOutbox.class);
      context
          .getBean(TransactionTemplate.class)
          .executeWithoutResult(status -> outbox.publish(Databases.event("any")));
      Received received = context.getBean(Received.class);
      Services.await("two events, three times", () -> received.events.size() == 6);
      assertThat(received.events)
          .containsExactlyInAnyOrder(
              "method one", "handler one", "once one", "method any", "handler any", "once any");
      assertThat(context.getBean(HermesHealth.class).stream()).hasSize(5);
      assertThat(context.getBean(OutboxHealthIndicator.class).health()).isNotNull();
      assertThat(
              context
                  .getBean(MeterRegistry.class)
                  .find("kafka.producer.record.send.total")
                  .meters())
          .isNotEmpty();
    }
  }

  @Test
  void theTypesOfListenersHandlersAndPublishersHaveHints() throws Exception {
    TestGenerationContext generation = new TestGenerationContext();
    process(generation);
    RuntimeHints hints = generation.getRuntimeHints();
    for (Class<?> message :
        List.of(
            UserEvent.class, // a listener, a handler and a publisher
            UserEvent.Builder.class,
            UserEvent.EventType.class, // the type of a field
            Timestamp.class,
            Timestamp.Builder.class,
            OrderCancelled.class, // the type argument of the listener's subclass
            OrderCancelled.Builder.class,
            OrderCancelled.Reason.class,
            PaymentEvent.class, // @EventTypes
            PaymentEvent.Builder.class)) {
      assertThat(
              RuntimeHintsPredicates.reflection()
                  .onType(message)
                  .withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
          .as("%s", message)
          .accepts(hints);
    }
    // Nothing uses these.
    assertThat(RuntimeHintsPredicates.reflection().onType(OrderPlaced.class)).rejects(hints);
    for (Method listener :
        List.of(
            Listeners.class.getDeclaredMethod("on", UserEvent.class),
            Base.class.getDeclaredMethod("base", Delivery.class))) {
      assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(listener))
          .as("%s", listener)
          .accepts(hints);
    }
    // Spring Boot's binder calls the setters of the properties, of the nested ones too.
    for (Class<?> properties :
        List.of(
            HermesProperties.class,
            HermesProperties.Publisher.class,
            HermesProperties.Subscriber.class,
            OutboxProperties.class,
            OutboxProperties.Relay.class,
            InboxProperties.class)) {
      for (Method setter : properties.getMethods()) {
        if (setter.getName().startsWith("set")) {
          assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(setter))
              .as("%s", setter)
              .accepts(hints);
        }
      }
    }
    // The hints that hold for every application come with the auto-configuration.
    assertThat(RuntimeHintsPredicates.resource().forResource("kafka/kafka-version.properties"))
        .accepts(hints);
  }

  static class Pipes {
    @HermesListener(group = "pipe", to = OrderPaid.class)
    void pipe(UserEvent event, Emitter out) {}

    @Bean
    @HermesListener(group = "bean", to = PaymentEvent.class)
    PipeHandler<UserEvent> bean() {
      return (delivery, out) -> {};
    }
  }

  @Test
  void theTypesThatPipesEmitHaveHints() {
    TestGenerationContext generation = new TestGenerationContext();
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.register(Pipes.class);
    new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
    for (Class<?> message : List.of(OrderPaid.class, PaymentEvent.class, UserEvent.class)) {
      assertThat(RuntimeHintsPredicates.reflection().onType(message))
          .as("%s", message)
          .accepts(generation.getRuntimeHints());
    }
  }

  @Test
  void aContextWithoutEventsGetsNoHintsOfTypes() {
    assertThat(new EventTypeHints().processAheadOfTime(new DefaultListableBeanFactory())).isNull();
  }
}
