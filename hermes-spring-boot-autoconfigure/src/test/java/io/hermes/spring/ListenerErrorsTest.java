package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Handler;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** What cannot be a listener or a publisher fails at start, by name and with what is allowed. */
class ListenerErrorsTest {

  private static FailureAnalysis analysis(ApplicationContextRunner context) {
    AtomicReference<FailureAnalysis> found = new AtomicReference<>();
    context.run(started -> found.set(Services.analysis(started.getStartupFailure())));
    return Objects.requireNonNull(found.get());
  }

  static class Text {
    @HermesListener(group = "g")
    void bad(String text) {}
  }

  static class Two {
    @HermesListener(group = "g")
    void bad(UserEvent event, String text) {}
  }

  static class None {
    @HermesListener(group = "g")
    void bad() {}
  }

  static class AnyMessage {
    @HermesListener(group = "g")
    void bad(Message event) {}
  }

  static class ListOfEvents {
    @HermesListener(group = "g")
    void bad(List<UserEvent> events) {}
  }

  static class RawDelivery {
    @HermesListener(group = "g")
    void bad(Delivery<?> delivery) {}
  }

  static class Returns {
    @HermesListener(group = "g")
    int bad(UserEvent event) {
      return 1;
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Text.class,
        Two.class,
        None.class,
        AnyMessage.class,
        ListOfEvents.class,
        RawDelivery.class,
        Returns.class
      })
  void aMethodThatCannotHandleEventsIsNamedWithTheAllowedSignatures(Class<?> bean) {
    FailureAnalysis analysis = analysis(Services.without().withBean(bean));
    assertThat(analysis.getDescription())
        .startsWith(bean.getName() + ".bad(")
        .contains(" cannot be a @HermesListener: ");
    assertThat(analysis.getAction())
        .contains("void method(E), void method(Delivery<E>) and void method(List<Delivery<E>>)");
  }

  static class Tombstones {
    @HermesListener(group = "g", tombstones = true)
    CompletionStage<Void> bad(UserEvent event) {
      throw new AssertionError("not called");
    }
  }

  @Test
  void aTombstoneHasNoEvent() {
    assertThat(analysis(Services.without().withBean(Tombstones.class)).getDescription())
        .contains("handles tombstones, but is not a void method(Delivery<E>)");
  }

  static class NoGroup {
    @HermesListener
    void handle(UserEvent event) {}
  }

  @Test
  void aListenerWithoutAGroupIsNamed() {
    FailureAnalysis analysis = analysis(Services.without().withBean(NoGroup.class));
    assertThat(analysis.getDescription())
        .isEqualTo(NoGroup.class.getName() + ".handle(UserEvent) has no consumer group.");
    assertThat(analysis.getAction()).contains("spring.kafka.consumer.group-id");
  }

  static class UnknownPlaceholder {
    @HermesListener(group = "${app.group}")
    void handle(UserEvent event) {}
  }

  @Test
  void aPlaceholderThatNoPropertyFillsIsNamedWithItsListener() {
    FailureAnalysis analysis =
        analysis(
            Services.without()
                .withConfiguration(
                    AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class))
                .withBean(UnknownPlaceholder.class));
    assertThat(analysis.getDescription())
        .isEqualTo(
            UnknownPlaceholder.class.getName()
                + ".handle(UserEvent) has a placeholder that no property resolves: ${app.group}.");
    assertThat(analysis.getAction()).startsWith("Set the property");
  }

  static class Contradictory {
    @HermesListener(group = "g", concurrency = 3)
    void one(UserEvent event) {}

    @HermesListener(group = "g", concurrency = 4, tombstones = true)
    void other(Delivery<UserEvent> delivery) {}
  }

  @Test
  void listenersOfOneGroupMustAgree() {
    FailureAnalysis analysis = analysis(Services.without().withBean(Contradictory.class));
    assertThat(analysis.getDescription())
        .startsWith("The listeners of group g contradict each other: concurrency is ");
    Services.without()
        .withBean(Contradictory.class)
        .withPropertyValues(
            "hermes.subscribers.g.concurrency=9", "hermes.subscribers.g.auto-startup=false")
        .run(
            context ->
                assertThat(
                        Objects.requireNonNull(
                                context.getBean(HermesSubscribers.class).all().get("g"))
                            .subscriber()
                            .config()
                            .concurrency())
                    .isEqualTo(9));
  }

  static class TwoHandlers {
    @HermesListener(group = "g")
    void one(UserEvent event) {}

    @HermesListener(group = "g")
    void other(UserEvent event) {}
  }

  @Test
  void twoListenersOfOneTypeAndGroupAreRefused() {
    assertThat(analysis(Services.without().withBean(TwoHandlers.class)).getDescription())
        .startsWith("Group g, with the listeners [")
        .contains("TwoHandlers.one(UserEvent)")
        .contains("TwoHandlers.other(UserEvent)")
        .endsWith("has two handlers; only one is allowed.");
  }

  static class WithoutContract {
    @HermesListener(group = "g")
    void any(Timestamp event) {}
  }

  @Test
  void anEventWithoutContractIsRefusedWithItsListener() {
    assertThat(analysis(Services.without().withBean(WithoutContract.class)).getDescription())
        .startsWith("Group g, with the listeners [")
        .contains("WithoutContract.any(Timestamp)")
        .contains("google.protobuf.Timestamp has no topic contract.");
  }

  @SuppressWarnings("rawtypes")
  static class RawPublisher {
    RawPublisher(HermesPublisher publisher) {}
  }

  @Test
  void aPublisherNeedsAType() {
    assertThat(analysis(Services.without().withBean(RawPublisher.class)).getDescription())
        .isEqualTo(
            "Parameter 1 of the constructor of "
                + RawPublisher.class.getName()
                + " is a HermesPublisher without the type of its events.");
  }

  static class AnyPublisher {
    AnyPublisher(HermesPublisher<Message> publisher) {}
  }

  @Test
  void aPublisherOfAnyTypeNeedsToKnowSome() {
    FailureAnalysis analysis = analysis(Services.without().withBean(AnyPublisher.class));
    assertThat(analysis.getDescription())
        .endsWith(
            "the types that it publishes are unknown: parameter 1 of the constructor of "
                + AnyPublisher.class.getName()
                + ".");
    assertThat(analysis.getAction()).contains("@EventTypes");
  }

  static class NoContract {
    NoContract(HermesPublisher<com.google.protobuf.Timestamp> publisher) {}
  }

  static class NoContractAtAField {
    @Autowired HermesPublisher<Timestamp> publisher;
  }

  static class NoContractAtAMethod {
    @Autowired
    void use(ApplicationContext context, ObjectProvider<HermesPublisher<Timestamp>> publisher) {
      publisher.getObject();
    }
  }

  static class OnlyTombstones {
    @HermesListener(group = "g", tombstones = true)
    void forget(Delivery<UserEvent> delivery) {}
  }

  @Test
  void aGroupThatTakesTombstonesOnlyIsRefusedUnlessItIgnoresTheEvents() {
    FailureAnalysis analysis = analysis(Services.without().withBean(OnlyTombstones.class));
    assertThat(analysis.getDescription())
        .isEqualTo(
            "Group g, with the listeners ["
                + OnlyTombstones.class.getName()
                + ".forget(Delivery)]: hermes.events.v1.UserEvent has a tombstone handler, but none"
                + " for its events, which would all fail.");
    assertThat(analysis.getAction())
        .isEqualTo("Add one with another listener, or set hermes.ignore-other-types=true.");
    Services.without()
        .withBean(OnlyTombstones.class)
        .withPropertyValues("hermes.subscribers.g.ignore-other-types=true")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void aSettingOfAnAnnotationIsNamedWithItsMethod() {
    assertThat(analysis(Services.without().withBean(Negative.class)).getDescription())
        .isEqualTo(
            "The concurrency of "
                + Negative.class.getName()
                + ".handle(UserEvent) must be 1 or more, not -1.");
  }

  static class Negative {
    @HermesListener(group = "g", concurrency = -1)
    void handle(UserEvent event) {}
  }

  @Test
  void aTypeWithoutAContractIsNamed() {
    assertThat(analysis(Services.without().withBean(NoContract.class)).getDescription())
        .startsWith(
            "Parameter 1 of the constructor of "
                + NoContract.class.getName()
                + " cannot get a HermesPublisher. google.protobuf.Timestamp has no topic contract");
    assertThat(analysis(Services.without().withBean(NoContractAtAField.class)).getDescription())
        .startsWith("The field " + NoContractAtAField.class.getName() + ".publisher cannot get");
    assertThat(analysis(Services.without().withBean(NoContractAtAMethod.class)).getDescription())
        .startsWith("Parameter 2 of " + NoContractAtAMethod.class.getName() + ".use cannot get");
  }

  @Test
  void aHandlerOfUnknownTypeIsNamed() {
    Handler<UserEvent> handler = delivery -> {};
    assertThat(
            analysis(
                    Services.without()
                        .withBean("lambda", Handler.class, () -> handler)
                        .withPropertyValues("spring.kafka.consumer.group-id=g"))
                .getDescription())
        .isEqualTo("The event type of the bean 'lambda', a Handler, is unknown.");
  }
}
