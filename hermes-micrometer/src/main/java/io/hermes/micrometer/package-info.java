/**
 * Micrometer meters ({@link io.hermes.micrometer.HermesMetrics}) and observations ({@link
 * io.hermes.micrometer.HermesObservations}) of publishers and subscribers.
 */
@NullMarked
package io.hermes.micrometer;

import org.jspecify.annotations.NullMarked;
