/** {@code hermes outbox}: lists, retries and drops the parked events of an outbox. */
@NullMarked
package io.hermes.cli.outbox;

import org.jspecify.annotations.NullMarked;
