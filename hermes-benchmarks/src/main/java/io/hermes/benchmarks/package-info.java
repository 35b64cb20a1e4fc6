/** End-to-end benchmarks: contestants take turns, in fresh JVMs for each round. */
@NullMarked
package io.hermes.benchmarks;

import org.jspecify.annotations.NullMarked;
