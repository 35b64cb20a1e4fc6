package io.hermes.spring;

import io.hermes.HermesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows what Hermes refuses at startup, and how to fix it, instead of a stack trace. */
final class HermesFailureAnalyzer extends AbstractFailureAnalyzer<HermesException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, HermesException cause) {
    String advice = cause.advice().map(SpringWords::of).orElse(null);
    return new FailureAnalysis(SpringWords.of(cause.problem()), advice, cause);
  }
}
