@NullMarked
package io.hermes.opentelemetry;

import org.jspecify.annotations.NullMarked;
