/** Connects to Kafka: settings, clients, topics. */
@NullMarked
package io.hermes.kafka;

import org.jspecify.annotations.NullMarked;
