package io.hermes.spring;

import com.google.protobuf.Message;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The types that an injected {@code HermesPublisher<Message>} publishes, for types that no other
 * injection point names: {@code @EventTypes({OrderPlaced.class, OrderPaid.class})
 * HermesPublisher<Message> publisher}. On a {@link TransactionalOutbox}, it keeps these types in a
 * native image.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER})
public @interface EventTypes {

  /** Message classes with a contract. */
  Class<? extends Message>[] value();
}
