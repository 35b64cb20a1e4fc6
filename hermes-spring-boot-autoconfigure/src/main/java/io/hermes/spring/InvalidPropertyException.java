package io.hermes.spring;

import io.hermes.HermesException;
import org.jspecify.annotations.Nullable;

/** A property, or an annotation, that Hermes cannot work with: what, why, and what to do. */
final class InvalidPropertyException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;

  InvalidPropertyException(String problem, String remedy, @Nullable Throwable cause) {
    super(problem + " " + remedy, cause);
    this.problem = problem;
    this.remedy = remedy;
  }

  String problem() {
    return problem;
  }

  String remedy() {
    return remedy;
  }
}
