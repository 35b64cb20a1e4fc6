/** {@code hermes outbox}: the parked events of an outbox listed, retried and dropped. */
@NullMarked
package io.hermes.cli.outbox;

import org.jspecify.annotations.NullMarked;
