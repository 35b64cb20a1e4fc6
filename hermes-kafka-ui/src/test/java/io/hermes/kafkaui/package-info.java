@NullMarked
package io.hermes.kafkaui;

import org.jspecify.annotations.NullMarked;
