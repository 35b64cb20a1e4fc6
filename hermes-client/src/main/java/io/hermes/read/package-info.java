/**
 * Reads events without a consumer group and without commits: {@link io.hermes.read.HermesReader}.
 */
@NullMarked
package io.hermes.read;

import org.jspecify.annotations.NullMarked;
