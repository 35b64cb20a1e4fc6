package io.hermes.micrometer;

import io.hermes.EventRecord;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of an attempt to handle. Override what you want to change, and pass it to
 * {@link HermesObservations#convention(HandleConvention)}, or register it as a global convention.
 */
public interface HandleConvention extends ObservationConvention<HandleContext> {

  @Override
  default boolean supportsContext(Observation.Context context) {
    return context instanceof HandleContext;
  }

  @Override
  default String getName() {
    return SubscriberMeters.TIMER;
  }

  @Override
  default String getContextualName(HandleContext context) {
    return "process " + context.topic();
  }

  /** Returns {@code group} and {@code topic} and, once it is decided, {@code outcome}. */
  @Override
  default KeyValues getLowCardinalityKeyValues(HandleContext context) {
    KeyValues values =
        KeyValues.of(OutcomeTags.GROUP, context.call().group(), OutcomeTags.TOPIC, context.topic());
    String outcome = context.outcome();
    return outcome == null ? values : values.and(OutcomeTags.OUTCOME, outcome);
  }

  /**
   * Returns the partition and offset of the first record, the attempt, and the number of records.
   */
  @Override
  default KeyValues getHighCardinalityKeyValues(HandleContext context) {
    EventRecord<?> first = context.call().records().get(0);
    return KeyValues.of(
        "partition",
        Integer.toString(first.partition()),
        "offset",
        Long.toString(first.offset()),
        "attempt",
        Integer.toString(context.call().attempt()),
        "records",
        Integer.toString(context.call().records().size()));
  }
}
