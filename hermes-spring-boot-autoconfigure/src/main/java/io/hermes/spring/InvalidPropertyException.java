package io.hermes.spring;

import io.hermes.HermesException;
import org.jspecify.annotations.Nullable;

/** A property or annotation that Hermes cannot use; says which, why, and what to do. */
final class InvalidPropertyException extends HermesException {

  private static final long serialVersionUID = 1L;

  InvalidPropertyException(String problem, String advice, @Nullable Throwable cause) {
    super(problem, advice, cause);
  }
}
