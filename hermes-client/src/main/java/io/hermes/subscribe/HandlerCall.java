package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.util.List;

/**
 * A call to a handler.
 *
 * @param group the consumer group
 * @param clientId the client id of the subscriber's consumer
 * @param records the record, or the records of a batch in offset order; an event is decoded on
 *     first access, which throws for a record that cannot be decoded
 * @param attempt 1 for the first attempt, 2 for the first retry; for a batch, the attempt of its
 *     first record
 * @param isBatch whether a {@link BatchHandler} is called, even with a single record
 */
public record HandlerCall(
    String group,
    String clientId,
    List<? extends EventRecord<?>> records,
    int attempt,
    boolean isBatch) {}
