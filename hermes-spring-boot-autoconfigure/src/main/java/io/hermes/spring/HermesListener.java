package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.subscribe.ProcessingOrder;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;

/**
 * Handles the events of one type as a member of a consumer group.
 *
 * <pre>{@code
 * @HermesListener(group = "billing")
 * void bill(UserEvent event) { ... }
 * }</pre>
 *
 * <p>The method takes one argument, which determines the type of the events:
 *
 * <ul>
 *   <li>the event: {@code UserEvent}
 *   <li>the event with its record, attempt and deadline: {@code Delivery<UserEvent>}
 *   <li>a batch of one partition: {@code List<Delivery<UserEvent>>}
 * </ul>
 *
 * <p>It returns {@code void}, or a {@code CompletionStage} whose completion acks the event.
 * Exceptions go to the error policy. Delivery is at-least-once, so a listener must be idempotent.
 *
 * <p>A method that takes an event (or its delivery) and an {@link io.hermes.subscribe.Emitter} is a
 * pipe ({@link io.hermes.subscribe.HermesPipe}): what it emits and the offset of the event are
 * committed in one Kafka transaction. It returns {@code void}, and must be the only listener of its
 * group.
 *
 * <pre>{@code
 * @HermesListener(group = "billing", to = Invoice.class)
 * void bill(OrderPlaced event, Emitter out) {
 *   out.emit(invoice(event));
 * }
 * }</pre>
 *
 * <p>Listeners of the same group and cluster share one subscriber, with one handler per type. Their
 * annotations configure it and must not contradict each other. Properties below {@code
 * hermes.subscribers.<group>} override the annotations; both override the defaults below {@code
 * hermes}.
 *
 * <p>On a class or a {@code @Bean} method, the annotation subscribes a bean that is a {@link
 * io.hermes.subscribe.Handler}, {@link io.hermes.subscribe.AsyncHandler}, {@link
 * io.hermes.subscribe.BatchHandler} or {@link io.hermes.subscribe.PipeHandler}. Such a bean needs
 * no annotation if {@code spring.kafka.consumer.group-id} is set.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface HermesListener {

  /**
   * The consumer group; may contain placeholders such as {@code ${app.group}}. Default: {@code
   * spring.kafka.consumer.group-id}.
   */
  String group() default "";

  /** The types that a pipe emits. Their topics must exist. */
  Class<? extends Message>[] to() default {};

  /** A cluster of {@code hermes.clusters}. Default: the cluster of {@code spring.kafka}. */
  String cluster() default "";

  /** The most events that are handled concurrently. Default (0): set by the properties, or 8. */
  int concurrency() default 0;

  /**
   * Which records are handled one after another; at most one value. Default (empty): set by the
   * properties, or records with the same key.
   */
  ProcessingOrder[] order() default {};

  /** The largest batch, for a {@code List}. Default (0): set by the properties, or 500. */
  int maxBatch() default 0;

  /**
   * Applies the effect of each event to the application's database only once, although delivery is
   * at-least-once: the listener runs in the transaction that inserts the event's id into the inbox.
   * An event that is already in the group's inbox is acked without calling the listener, and is
   * left out of batches. An exception of the listener rolls the transaction back.
   *
   * <p>Needs hermes-jdbc, its table {@code hermes_inbox}, one {@code DataSource} with one
   * transaction manager, and an event type with an id. Not supported for tombstones or for
   * listeners that return a {@code CompletionStage}.
   */
  boolean once() default false;

  /**
   * Handles tombstones (records without a value) instead of events. The argument must be a {@code
   * Delivery}, which then has a key but no event.
   */
  boolean tombstones() default false;
}
