package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.spring.Listener.Registration;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.ResolvableType;
import org.springframework.util.ReflectionUtils;

/** Turns a method with {@link HermesListener} into a handler. Immutable. */
final class ListenerMethod {

  /** The kind of the method's argument. */
  private enum Argument {
    EVENT,
    DELIVERY,
    BATCH
  }

  private static final String ALLOWED =
      "Allowed are void method(E), void method(Delivery<E>) and void method(List<Delivery<E>>), where"
          + " E is a class that protoc generated; each may return a CompletionStage instead of void."
          + " The first two may also have an Emitter, void method(E, Emitter), and return void.";

  private final String name;
  private final Object bean;
  private final Method method;
  private final Argument argument;
  private final Class<? extends Message> event;
  private final boolean asynchronous;
  private final boolean emits;

  /**
   * Checks the method.
   *
   * @param bean the bean, which may be a proxy
   * @param beanClass the class that the method was found in
   * @param found the method
   * @throws InvalidPropertyException if it cannot handle events
   */
  ListenerMethod(Object bean, Class<?> beanClass, Method found) {
    this.name = name(beanClass, found);
    this.bean = bean;
    this.method = invocable(found, bean);
    this.emits = found.getParameterCount() == 2 && found.getParameterTypes()[1] == Emitter.class;
    if (found.getParameterCount() != 1 && !emits) {
      throw invalid("it has " + found.getParameterCount() + " arguments.");
    }
    ResolvableType type = ResolvableType.forMethodParameter(found, 0, beanClass);
    ResolvableType ofEvent;
    if (type.resolve() == List.class) {
      this.argument = Argument.BATCH;
      ofEvent = delivered(type.getGeneric(0));
    } else if (type.resolve() == Delivery.class) {
      this.argument = Argument.DELIVERY;
      ofEvent = delivered(type);
    } else {
      this.argument = Argument.EVENT;
      ofEvent = type;
    }
    Class<?> resolved = ofEvent.resolve();
    if (resolved == null
        || resolved == Message.class
        || !Message.class.isAssignableFrom(resolved)) {
      throw invalid("its argument is a " + type + ".");
    }
    this.event = resolved.asSubclass(Message.class);
    this.asynchronous = CompletionStage.class.isAssignableFrom(found.getReturnType());
    if (!asynchronous && found.getReturnType() != void.class) {
      throw invalid("it returns a " + found.getReturnType().getSimpleName() + ".");
    }
  }

  private static String name(Class<?> beanClass, Method method) {
    StringBuilder arguments = new StringBuilder();
    for (Class<?> type : method.getParameterTypes()) {
      arguments.append(arguments.isEmpty() ? "" : ", ").append(type.getSimpleName());
    }
    return beanClass.getName() + "." + method.getName() + "(" + arguments + ")";
  }

  private static ResolvableType delivered(ResolvableType type) {
    return type.resolve() == Delivery.class ? type.getGeneric(0) : ResolvableType.NONE;
  }

  private Method invocable(Method found, Object target) {
    try {
      Method invocable = AopUtils.selectInvocableMethod(found, target.getClass());
      if (AopUtils.isAopProxy(target) && Modifier.isFinal(invocable.getModifiers())) {
        throw invalid("the bean is a proxy, which cannot intercept a final method.");
      }
      ReflectionUtils.makeAccessible(invocable);
      return invocable;
    } catch (IllegalStateException e) {
      throw new InvalidPropertyException(
          name + " cannot be a @HermesListener: " + e.getMessage(), ALLOWED, e);
    }
  }

  private InvalidPropertyException invalid(String why) {
    return new InvalidPropertyException(
        name + " cannot be a @HermesListener: " + why, ALLOWED, null);
  }

  String name() {
    return name;
  }

  /**
   * Returns the method as a handler.
   *
   * @param annotation what to handle, and how
   */
  Registration registration(HermesListener annotation) {
    boolean tombstones = annotation.tombstones();
    boolean once = annotation.once();
    Listener.checkPipe(name, emits, annotation, unfitForPipe(annotation));
    if (emits) {
      return pipe(event);
    }
    if (once && tombstones) {
      throw Listener.notOnce(name, "handles tombstones, which have no id.");
    }
    if (once && asynchronous) {
      throw Listener.notOnce(
          name, "returns a CompletionStage, whose work is not part of the transaction.");
    }
    return registration(event, tombstones);
  }

  private @Nullable String unfitForPipe(HermesListener annotation) {
    if (argument == Argument.BATCH) {
      return "takes a batch.";
    }
    return asynchronous ? "returns a CompletionStage." : Listener.onceOrTombstones(annotation);
  }

  private <M extends Message> Registration pipe(Class<M> type) {
    return argument == Argument.DELIVERY
        ? Listener.pipe(type, (delivery, out) -> invoke(delivery, out))
        : Listener.pipe(type, (delivery, out) -> invoke(delivery.event(), out));
  }

  private <M extends Message> Registration registration(Class<M> type, boolean tombstones) {
    if (tombstones) {
      if (argument != Argument.DELIVERY || asynchronous) {
        throw new InvalidPropertyException(
            name + " handles tombstones, but is not a void method(Delivery<E>).",
            "A tombstone has no event: take the Delivery, which has its key, and return void.",
            null);
      }
      return Listener.onTombstone(type, delivery -> invoke(delivery));
    }
    return switch (argument) {
      case BATCH -> Listener.onBatch(type, this::invokeAndWait);
      case DELIVERY ->
          asynchronous
              ? Listener.onAsync(type, this::invokeForStage)
              : Listener.on(type, delivery -> invoke(delivery));
      case EVENT ->
          asynchronous
              ? Listener.onAsync(type, delivery -> invokeForStage(delivery.event()))
              : Listener.on(type, delivery -> invoke(delivery.event()));
    };
  }

  private CompletionStage<?> invokeForStage(Object given) throws Exception {
    Object stage = invoke(given);
    if (stage == null) {
      throw new IllegalStateException(name + " returned null instead of a CompletionStage.");
    }
    return (CompletionStage<?>) stage;
  }

  /** Waits for a stage to complete, since a batch is acked as a whole when its handler returns. */
  private void invokeAndWait(Object batch) throws Exception {
    if (!asynchronous) {
      invoke(batch);
      return;
    }
    try {
      var unused = invokeForStage(batch).toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  private @Nullable Object invoke(Object... given) throws Exception {
    try {
      return method.invoke(bean, given);
    } catch (InvocationTargetException e) {
      throw thrown(e.getCause());
    }
  }

  private static Exception thrown(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof Exception exception ? exception : new IllegalStateException(cause);
  }
}
