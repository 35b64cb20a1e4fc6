/** The {@code ./hermes} command line. */
@NullMarked
package io.hermes.examples.cli;

import org.jspecify.annotations.NullMarked;
