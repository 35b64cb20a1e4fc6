/** Publishes, reads and shows records: {@code hermes produce, consume, demo}. */
@NullMarked
package io.hermes.cli.records;

import org.jspecify.annotations.NullMarked;
