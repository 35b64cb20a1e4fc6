/** Traces and metrics of publishers and subscribers by OpenTelemetry's messaging conventions. */
@NullMarked
package io.hermes.opentelemetry;

import org.jspecify.annotations.NullMarked;
