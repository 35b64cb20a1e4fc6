package io.hermes.micrometer;

import io.hermes.EventRecord;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of an attempt to handle. Override what is to differ and pass it to {@link
 * HermesObservations#convention(HandleConvention)}, or to the registry as a global one.
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

  /** {@code group} and {@code topic}, and once it is decided {@code outcome}. */
  @Override
  default KeyValues getLowCardinalityKeyValues(HandleContext context) {
    KeyValues values =
        KeyValues.of(OutcomeTags.GROUP, context.call().group(), OutcomeTags.TOPIC, context.topic());
    String outcome = context.outcome();
    return outcome == null ? values : values.and(OutcomeTags.OUTCOME, outcome);
  }

  /** Partition and offset of the first record, the attempt, and how many records there are. */
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
