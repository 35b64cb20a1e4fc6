/** Benchmarks from end to end: every contestant in a JVM of its own, in interleaved rounds. */
@NullMarked
package io.hermes.benchmarks;

import org.jspecify.annotations.NullMarked;
