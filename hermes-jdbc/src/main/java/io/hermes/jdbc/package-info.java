/**
 * A transactional outbox and an inbox, which keep a database and Kafka consistent: an event is
 * published if and only if the transaction commits, and a redelivered event has no second effect.
 */
@NullMarked
package io.hermes.jdbc;

import org.jspecify.annotations.NullMarked;
