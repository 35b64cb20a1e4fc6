/** The code of docs/observability.md. */
@NullMarked
package io.hermes.examples.observability;

import org.jspecify.annotations.NullMarked;
