/**
 * What every command has: where it writes, and how: text, tables, figures, exit codes. Uses no
 * Kafka but its version.
 */
@NullMarked
package io.hermes.cli.console;

import org.jspecify.annotations.NullMarked;
