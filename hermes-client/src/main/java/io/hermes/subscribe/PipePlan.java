package io.hermes.subscribe;

import io.hermes.Topic;
import java.time.Duration;
import java.util.List;

/**
 * What makes a subscriber a pipe. Immutable.
 *
 * @param outputs the contracts of the events that it may emit, with their names on the cluster
 * @param encoders the encoders of these contracts; closed with the routes
 * @param maxSlice how long a transaction may be open before it is committed
 * @param maxEvents the number of handled events after which a transaction is committed
 */
record PipePlan(List<Topic<?>> outputs, Outputs encoders, Duration maxSlice, int maxEvents) {}
