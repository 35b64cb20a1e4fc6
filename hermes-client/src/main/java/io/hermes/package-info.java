/**
 * Types shared by publishing, subscribing and reading: topics and their contracts, records,
 * encodings, errors.
 *
 * <p>Start with {@link io.hermes.publish.HermesPublisher}, {@link
 * io.hermes.subscribe.HermesSubscriber} or {@link io.hermes.read.HermesReader}.
 */
@NullMarked
package io.hermes;

import org.jspecify.annotations.NullMarked;
