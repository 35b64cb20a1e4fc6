package io.hermes.deployment;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks an object against the OpenAPI schema of its CustomResourceDefinition, as an API server
 * does with strict field validation: an unknown field is a fault. Rules in CEL are not evaluated.
 */
final class ResourceSchema {

  private static final Set<String> DESCRIBING =
      Set.of("description", "example", "title", "default");
  private static final Set<String> KNOWN =
      Set.of(
          "type",
          "properties",
          "required",
          "items",
          "additionalProperties",
          "enum",
          "pattern",
          "minimum",
          "maximum",
          "minItems",
          "oneOf",
          "anyOf",
          "x-kubernetes-int-or-string",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-validations");

  private final List<String> faults = new ArrayList<>();

  private ResourceSchema() {}

  /** The faults of an object; empty if it has none. */
  static List<String> faults(Map<?, ?> schema, Object object) {
    ResourceSchema check = new ResourceSchema();
    check.value(schema, object, "");
    return check.faults;
  }

  private void value(Map<?, ?> schema, @Nullable Object value, String path) {
    for (Object keyword : schema.keySet()) {
      if (!KNOWN.contains(keyword) && !DESCRIBING.contains(keyword)) {
        throw new AssertionError("A keyword that is not checked: " + keyword + " at " + path);
      }
    }
    if (!hasType(schema, value)) {
      faults.add(path + ": " + value + " is not of type " + schema.get("type"));
      return;
    }
    alternatives(schema, value, path);
    if (value instanceof Map<?, ?> object) {
      object(schema, object, path);
    } else if (value instanceof List<?> list) {
      list(schema, list, path);
    } else {
      scalar(schema, value, path);
    }
  }

  private static boolean hasType(Map<?, ?> schema, @Nullable Object value) {
    if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
      return value instanceof Integer || value instanceof Long || value instanceof String;
    }
    Object type = schema.get("type");
    if (type == null) {
      return true; // one of several alternatives, or anything
    }
    return switch (type.toString()) {
      case "object" -> value instanceof Map;
      case "array" -> value instanceof List;
      case "string" -> value instanceof String;
      case "boolean" -> value instanceof Boolean;
      case "integer" -> value instanceof Integer || value instanceof Long;
      case "number" -> value instanceof Number;
      default -> throw new AssertionError("A type that is not checked: " + type);
    };
  }

  private void alternatives(Map<?, ?> schema, @Nullable Object value, String path) {
    for (String keyword : List.of("oneOf", "anyOf")) {
      if (schema.get(keyword) instanceof List<?> alternatives) {
        long fitting = alternatives.stream().filter(one -> fits((Map<?, ?>) one, value)).count();
        if (fitting == 0 || (keyword.equals("oneOf") && fitting > 1)) {
          faults.add(path + ": " + fitting + " of " + keyword + " fit");
        }
      }
    }
  }

  /** In an alternative only what is required and which type it has counts. */
  private static boolean fits(Map<?, ?> alternative, @Nullable Object value) {
    boolean all =
        !(alternative.get("required") instanceof List<?> required)
            || (value instanceof Map<?, ?> object && object.keySet().containsAll(required));
    return all && hasType(alternative, value);
  }

  private void object(Map<?, ?> schema, Map<?, ?> object, String path) {
    if (schema.get("required") instanceof List<?> required) {
      for (Object name : required) {
        if (!object.containsKey(name)) {
          faults.add(path + "." + name + ": is required");
        }
      }
    }
    Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> some ? some : Map.of();
    boolean open = Boolean.TRUE.equals(schema.get("x-kubernetes-preserve-unknown-fields"));
    object.forEach(
        (name, value) -> {
          String at = path + "." + name;
          if (properties.get(name) instanceof Map<?, ?> property) {
            value(property, value, at);
          } else if (schema.get("additionalProperties") instanceof Map<?, ?> others) {
            value(others, value, at);
          } else if (!open && !at.startsWith(".metadata.")) {
            faults.add(at + ": there is no such field");
          }
        });
  }

  private void list(Map<?, ?> schema, List<?> list, String path) {
    if (schema.get("minItems") instanceof Integer least && list.size() < least) {
      faults.add(path + ": has fewer than " + least + " items");
    }
    if (schema.get("items") instanceof Map<?, ?> items) {
      for (int i = 0; i < list.size(); i++) {
        value(items, list.get(i), path + "[" + i + "]");
      }
    }
  }

  private void scalar(Map<?, ?> schema, @Nullable Object value, String path) {
    if (schema.get("enum") instanceof List<?> values && !values.contains(value)) {
      faults.add(path + ": " + value + " is none of " + values);
    }
    if (schema.get("pattern") instanceof String pattern
        && value instanceof String text
        && !text.matches(pattern)) {
      faults.add(path + ": " + text + " does not match " + pattern);
    }
    if (value instanceof Number) {
      BigDecimal number = new BigDecimal(value.toString());
      if (schema.get("minimum") instanceof Number least
          && number.compareTo(new BigDecimal(least.toString())) < 0) {
        faults.add(path + ": " + value + " is less than " + least);
      }
      if (schema.get("maximum") instanceof Number most
          && number.compareTo(new BigDecimal(most.toString())) > 0) {
        faults.add(path + ": " + value + " is more than " + most);
      }
    }
  }
}
