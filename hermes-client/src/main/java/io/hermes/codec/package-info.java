/**
 * Converts events to bytes and back: serdes for protobuf messages, plain or as ZSTD frames, for
 * Hermes itself and for plain Kafka clients, Kafka Streams and Spring.
 *
 * <p>The bytes follow the wire contract: a plain message, or one standard ZSTD frame of it with the
 * header {@link io.hermes.EventHeaders#CONTENT_ENCODING}.
 */
@NullMarked
package io.hermes.codec;

import org.jspecify.annotations.NullMarked;
