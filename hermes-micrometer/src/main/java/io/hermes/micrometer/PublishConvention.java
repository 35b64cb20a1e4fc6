package io.hermes.micrometer;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of a published event. Override what you want to change, and pass it to
 * {@link HermesObservations#convention(PublishConvention)}, or register it as a global convention.
 */
public interface PublishConvention extends ObservationConvention<PublishContext> {

  @Override
  default boolean supportsContext(Observation.Context context) {
    return context instanceof PublishContext;
  }

  @Override
  default String getName() {
    return PublisherMeters.TIMER;
  }

  @Override
  default String getContextualName(PublishContext context) {
    return "send " + context.event().topic().name();
  }

  /** Returns {@code topic} and, once it is known, {@code outcome}. */
  @Override
  default KeyValues getLowCardinalityKeyValues(PublishContext context) {
    KeyValues values = KeyValues.of(OutcomeTags.TOPIC, context.event().topic().name());
    String outcome = context.outcome();
    return outcome == null ? values : values.and(OutcomeTags.OUTCOME, outcome);
  }
}
