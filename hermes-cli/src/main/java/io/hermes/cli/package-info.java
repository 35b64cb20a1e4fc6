/** The {@code ./hermes} command line. */
@NullMarked
package io.hermes.cli;

import org.jspecify.annotations.NullMarked;
