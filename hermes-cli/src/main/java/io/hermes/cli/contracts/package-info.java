/** The contracts that the commands know, and {@code hermes schema}, which shows them. */
@NullMarked
package io.hermes.cli.contracts;

import org.jspecify.annotations.NullMarked;
