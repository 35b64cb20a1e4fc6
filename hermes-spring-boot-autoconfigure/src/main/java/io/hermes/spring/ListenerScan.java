package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.spring.Listener.Registration;
import io.hermes.subscribe.AsyncHandler;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.PipeHandler;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;

/** Finds the application's listeners among its beans. Stateless. */
final class ListenerScan {

  /** The interfaces of beans that handle events; a bean implements at most one of them. */
  static final List<Class<?>> HANDLERS =
      List.of(Handler.class, AsyncHandler.class, BatchHandler.class, PipeHandler.class);

  private ListenerScan() {}

  /** Returns all listeners; instantiates the beans that have them, including lazy beans. */
  static List<Listener> of(ConfigurableListableBeanFactory beans) {
    List<Listener> found = new ArrayList<>();
    for (String name : beans.getBeanDefinitionNames()) {
      if (ScopedProxyUtils.isScopedTarget(name)
          || beans.getMergedBeanDefinition(name).isAbstract()) {
        continue;
      }
      Class<?> type = AutoProxyUtils.determineTargetClass(beans, name);
      if (type != null && AnnotationUtils.isCandidateClass(type, HermesListener.class)) {
        addMethods(beans, name, type, found);
        addHandler(beans, name, type, found);
      }
    }
    return found;
  }

  private static void addMethods(
      ConfigurableListableBeanFactory beans, String name, Class<?> type, List<Listener> found) {
    for (Method method : methods(type)) {
      ListenerMethod listener = new ListenerMethod(beans.getBean(name), type, method);
      HermesListener annotation =
          Objects.requireNonNull(
              AnnotatedElementUtils.findMergedAnnotation(method, HermesListener.class));
      found.add(new Listener(listener.name(), annotation, listener.registration(annotation)));
    }
  }

  /**
   * Returns the listener methods of a class. On a {@code @Bean} method, the annotation refers to
   * the bean.
   */
  static Set<Method> methods(Class<?> type) {
    return MethodIntrospector.selectMethods(
        type,
        (ReflectionUtils.MethodFilter)
            method ->
                AnnotatedElementUtils.hasAnnotation(method, HermesListener.class)
                    && !AnnotatedElementUtils.hasAnnotation(method, Bean.class));
  }

  private static void addHandler(
      ConfigurableListableBeanFactory beans, String name, Class<?> type, List<Listener> found) {
    Registration registration = null;
    if (Handler.class.isAssignableFrom(type)) {
      registration =
          handler(beans, name, Handler.class, (event, bean) -> on(event, (Handler<?>) bean));
    } else if (AsyncHandler.class.isAssignableFrom(type)) {
      registration =
          handler(
              beans,
              name,
              AsyncHandler.class,
              (event, bean) -> onAsync(event, (AsyncHandler<?>) bean));
    } else if (BatchHandler.class.isAssignableFrom(type)) {
      registration =
          handler(
              beans,
              name,
              BatchHandler.class,
              (event, bean) -> onBatch(event, (BatchHandler<?>) bean));
    } else if (PipeHandler.class.isAssignableFrom(type)) {
      registration =
          handler(
              beans, name, PipeHandler.class, (event, bean) -> pipe(event, (PipeHandler<?>) bean));
    }
    if (registration != null) {
      Listener listener =
          new Listener(
              "the bean '" + name + "'",
              beans.findAnnotationOnBean(name, HermesListener.class),
              registration);
      Listener.checkPipe(
          listener.name(),
          registration.pipe() != null,
          listener.annotation(),
          Listener.onceOrTombstones(listener.annotation()));
      if (listener.once() && AsyncHandler.class.isAssignableFrom(type)) {
        throw Listener.notOnce(
            listener.name(), "is an AsyncHandler, whose work is not part of the transaction.");
      }
      found.add(listener);
    }
  }

  private static Registration handler(
      ConfigurableListableBeanFactory beans,
      String name,
      Class<?> kind,
      BiFunction<Class<? extends Message>, Object, Registration> make) {
    BeanDefinition definition = beans.getMergedBeanDefinition(name);
    ResolvableType declared = definition.getResolvableType().as(kind);
    Class<?> event = declared.getGeneric(0).resolve();
    if (event == null || event == Message.class || !Message.class.isAssignableFrom(event)) {
      throw new InvalidPropertyException(
          "The event type of the bean '" + name + "', a " + kind.getSimpleName() + ", is unknown.",
          "Declare it as a " + kind.getSimpleName() + "<UserEvent>, with your type.",
          null);
    }
    return make.apply(event.asSubclass(Message.class), beans.getBean(name));
  }

  // The cast is safe: the bean's declaration says that it handles events of this type.

  @SuppressWarnings("unchecked")
  private static <M extends Message> Registration on(Class<M> event, Handler<?> bean) {
    return Listener.on(event, (Handler<M>) bean);
  }

  @SuppressWarnings("unchecked")
  private static <M extends Message> Registration onAsync(Class<M> event, AsyncHandler<?> bean) {
    return Listener.onAsync(event, (AsyncHandler<M>) bean);
  }

  @SuppressWarnings("unchecked")
  private static <M extends Message> Registration onBatch(Class<M> event, BatchHandler<?> bean) {
    return Listener.onBatch(event, (BatchHandler<M>) bean);
  }

  @SuppressWarnings("unchecked")
  private static <M extends Message> Registration pipe(Class<M> event, PipeHandler<?> bean) {
    return Listener.pipe(event, (PipeHandler<M>) bean);
  }
}
