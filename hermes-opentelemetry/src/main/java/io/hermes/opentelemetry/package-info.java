/**
 * Traces and metrics of publishers and subscribers, following OpenTelemetry's messaging
 * conventions.
 */
@NullMarked
package io.hermes.opentelemetry;

import org.jspecify.annotations.NullMarked;
