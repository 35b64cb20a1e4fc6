package io.hermes.spring;

import io.hermes.kafka.Spelling;
import java.beans.PropertyDescriptor;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Suggests the property that an unknown one below {@code hermes} was probably meant to be. It runs
 * before Spring Boot's own analyzer, which makes no suggestion.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyAnalyzer
    extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

  private static final String PREFIX = "hermes.";

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
    StringBuilder problem = new StringBuilder();
    for (ConfigurationProperty unknown : cause.getUnboundProperties()) {
      if (!unknown.getName().toString().startsWith(PREFIX)) {
        return null;
      }
      problem.append(problem.isEmpty() ? "" : "\n").append(problem(unknown));
    }
    return new FailureAnalysis(problem.toString(), "Correct or remove it.", cause);
  }

  private static String problem(ConfigurationProperty unknown) {
    ConfigurationPropertyName name = unknown.getName();
    String where = unknown.getOrigin() == null ? "" : " (" + unknown.getOrigin() + ")";
    String meant = Spelling.closest(name.toString(), names(name));
    return name
        + where
        + " is not a property of Hermes."
        + (meant == null ? "" : " Did you mean " + meant + "?");
  }

  /** Returns all known names, including those of the group that the given name may contain. */
  private static Set<String> names(ConfigurationPropertyName given) {
    Set<String> names = new TreeSet<>();
    add(PREFIX, HermesProperties.class, names);
    if (given.getNumberOfElements() > 3) {
      String group = given.getElement(2, Form.ORIGINAL);
      add(SpringWords.group(group) + ".", HermesProperties.Subscriber.class, names);
    }
    return names;
  }

  private static void add(String prefix, Class<?> type, Set<String> names) {
    for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
      Class<?> kind = property.getPropertyType();
      String name = prefix + DataObjectPropertyName.toDashedForm(property.getName());
      if (kind == HermesProperties.Publisher.class || kind == HandlingProperties.OnError.class) {
        add(name + ".", kind, names);
      } else if (!property.getName().equals("class") && !Map.class.isAssignableFrom(kind)) {
        names.add(name);
      }
    }
  }
}
