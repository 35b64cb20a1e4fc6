package io.hermes.spring;

import io.hermes.HermesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows what Hermes refuses at start, and what to do about it, instead of a stack trace. */
final class HermesFailureAnalyzer extends AbstractFailureAnalyzer<HermesException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, HermesException cause) {
    return cause instanceof InvalidPropertyException invalid
        ? new FailureAnalysis(invalid.problem(), invalid.remedy(), cause)
        : new FailureAnalysis(SpringWords.of(cause.getMessage()), null, cause);
  }
}
