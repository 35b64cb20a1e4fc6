package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.util.List;

/**
 * What a handler is called with.
 *
 * @param group the consumer group
 * @param clientId the client id of the subscriber's consumer
 * @param records the record, or those of a batch in the order of their offsets; an event is decoded
 *     when it is first asked for, which fails for a record that cannot be decoded
 * @param attempt 1 for the first attempt, 2 for the first retry; of a batch, that of its first
 *     record
 * @param isBatch whether a {@link BatchHandler} is called, also for a single record
 */
public record HandlerCall(
    String group,
    String clientId,
    List<? extends EventRecord<?>> records,
    int attempt,
    boolean isBatch) {}
