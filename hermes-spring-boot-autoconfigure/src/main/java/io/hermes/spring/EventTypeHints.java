package io.hermes.spring;

import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import io.hermes.publish.HermesPublisher;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Native-image hints for the application's event types and listener methods. Hermes gets the
 * default instance of a message class by reflection, and protobuf calls the methods of a message
 * and its builder by field name.
 */
final class EventTypeHints implements BeanFactoryInitializationAotProcessor {

  /**
   * How deep a publisher or message can be nested: {@code
   * ObjectProvider<HermesPublisher<UserEvent>>}.
   */
  private static final int DEPTH = 3;

  @Override
  public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
      ConfigurableListableBeanFactory beans) {
    Set<Method> listeners = new LinkedHashSet<>();
    Set<Class<?>> messages = new LinkedHashSet<>();
    for (String name : beans.getBeanDefinitionNames()) {
      Class<?> type = AutoProxyUtils.determineTargetClass(beans, name);
      if (type == null) {
        continue;
      }
      Class<?> written = ClassUtils.getUserClass(type);
      for (Method method : ListenerScan.methods(written)) {
        listeners.add(method);
        addEmitted(
            AnnotatedElementUtils.findMergedAnnotation(method, HermesListener.class), messages);
        for (int i = 0; i < method.getParameterCount(); i++) {
          addMentioned(ResolvableType.forMethodParameter(method, i, written), messages, DEPTH);
        }
      }
      // For a handler that is a lambda, only the bean method declares the generics.
      ResolvableType bean = beans.getMergedBeanDefinition(name).getResolvableType();
      for (Class<?> kind : ListenerScan.HANDLERS) {
        addMessage(bean.as(kind).getGeneric(0).resolve(), messages);
      }
      addEmitted(beans.findAnnotationOnBean(name, HermesListener.class, false), messages);
      addPublished(written, messages);
    }
    return listeners.isEmpty() && messages.isEmpty()
        ? null
        : (generation, code) -> {
          ReflectionHints hints = generation.getRuntimeHints().reflection();
          listeners.forEach(method -> hints.registerMethod(method, ExecutableMode.INVOKE));
          messages.forEach(message -> register(message, hints));
        };
  }

  /** Adds the types that a pipe emits. */
  private static void addEmitted(@Nullable HermesListener annotation, Set<Class<?>> messages) {
    if (annotation != null) {
      for (Class<? extends Message> message : annotation.to()) {
        addMessage(message, messages);
      }
    }
  }

  /** Adds the types of the publishers that can be injected into a class. */
  private static void addPublished(Class<?> type, Set<Class<?>> messages) {
    for (Executable constructor : type.getDeclaredConstructors()) {
      addParameters(constructor, type, messages);
    }
    ReflectionUtils.doWithMethods(type, method -> addParameters(method, type, messages));
    ReflectionUtils.doWithFields(type, field -> addField(field, type, messages));
  }

  private static void addField(Field field, Class<?> type, Set<Class<?>> messages) {
    add(ResolvableType.forField(field, type), field.getAnnotation(EventTypes.class), messages);
  }

  private static void addParameters(Executable executable, Class<?> type, Set<Class<?>> messages) {
    Parameter[] parameters = executable.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      add(
          executable instanceof Method method
              ? ResolvableType.forMethodParameter(method, i, type)
              : ResolvableType.forType(parameters[i].getParameterizedType()),
          parameters[i].getAnnotation(EventTypes.class),
          messages);
    }
  }

  private static void add(
      ResolvableType injected, @Nullable EventTypes types, Set<Class<?>> messages) {
    if (mentionsPublisher(injected, DEPTH)) {
      addMentioned(injected, messages, DEPTH);
    }
    if (types != null) {
      for (Class<? extends Message> message : types.value()) {
        addMessage(message, messages);
      }
    }
  }

  /** Whether a type is a publisher, or a provider or collection of publishers. */
  private static boolean mentionsPublisher(ResolvableType type, int depth) {
    if (type.resolve() == HermesPublisher.class) {
      return true;
    }
    if (depth > 0) {
      for (ResolvableType generic : type.getGenerics()) {
        if (mentionsPublisher(generic, depth - 1)) {
          return true;
        }
      }
    }
    return false;
  }

  private static void addMentioned(ResolvableType type, Set<Class<?>> messages, int depth) {
    addMessage(type.resolve(), messages);
    if (depth > 0) {
      for (ResolvableType generic : type.getGenerics()) {
        addMentioned(generic, messages, depth - 1);
      }
    }
  }

  /**
   * Adds a message or enum with all types that its getters return: those of its fields and oneofs.
   */
  private static void addMessage(@Nullable Class<?> type, Set<Class<?>> messages) {
    if (type != null && isGenerated(type) && messages.add(type)) {
      for (Method getter : type.getMethods()) {
        addMentioned(ResolvableType.forMethodReturnType(getter), messages, 1); // lists and maps
      }
    }
  }

  private static boolean isGenerated(Class<?> type) {
    return Message.class.isAssignableFrom(type)
        ? !Modifier.isAbstract(type.getModifiers())
        : type.isEnum() && Internal.EnumLite.class.isAssignableFrom(type);
  }

  private static void register(Class<?> message, ReflectionHints hints) {
    hints.registerType(message, MemberCategory.INVOKE_PUBLIC_METHODS);
    for (Class<?> nested : List.of(message.getDeclaredClasses())) {
      if (Message.Builder.class.isAssignableFrom(nested)) {
        hints.registerType(nested, MemberCategory.INVOKE_PUBLIC_METHODS);
      }
    }
  }
}
