package io.hermes.spring;

import com.google.protobuf.Message;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The types that an injected {@code HermesPublisher<Message>} publishes, where no other injection
 * point names them: {@code @EventTypes({OrderPlaced.class, OrderPaid.class})
 * HermesPublisher<Message> publisher}. At a {@link TransactionalOutbox}, it has a native image keep
 * these types.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER})
public @interface EventTypes {

  /** Message classes with a contract. */
  Class<? extends Message>[] value();
}
