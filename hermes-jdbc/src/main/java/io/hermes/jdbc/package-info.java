/**
 * A transactional outbox and an inbox, so that a database and Kafka agree: an event is published if
 * and only if the transaction commits, and a redelivered event has no second effect.
 */
@NullMarked
package io.hermes.jdbc;

import org.jspecify.annotations.NullMarked;
