/** A serde plugin for kafka-ui that shows every event decoded. */
@NullMarked
package io.hermes.kafkaui;

import org.jspecify.annotations.NullMarked;
