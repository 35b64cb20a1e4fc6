/**
 * Records going in and coming out: {@code hermes produce, consume, demo}, and how records are
 * shown.
 */
@NullMarked
package io.hermes.cli.records;

import org.jspecify.annotations.NullMarked;
