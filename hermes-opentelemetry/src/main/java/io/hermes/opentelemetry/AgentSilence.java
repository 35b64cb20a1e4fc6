package io.hermes.opentelemetry;

import io.opentelemetry.api.impl.InstrumentationUtil;
import io.opentelemetry.context.Context;

/**
 * Suppresses other instrumentation of Kafka's producer: an OpenTelemetry agent, or the library that
 * wraps Kafka's clients. Either would create a second span for each event, and replace the trace
 * context in its headers with that span's.
 */
final class AgentSilence {

  /** While this is current, that instrumentation does nothing. */
  static final Context CONTEXT = context();

  private AgentSilence() {}

  private static Context context() {
    Context[] silent = {Context.root()};
    try {
      Context.root()
          .wrap(
              () ->
                  InstrumentationUtil.suppressInstrumentation(() -> silent[0] = Context.current()))
          .run();
    } catch (LinkageError e) {
      // The service uses an opentelemetry-api older than 1.63, which lacks this method.
    }
    return silent[0];
  }
}
