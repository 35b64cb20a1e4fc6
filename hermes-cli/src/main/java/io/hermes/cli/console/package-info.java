/**
 * What all commands share: streams, text, tables, figures and exit codes. Of Kafka, it uses only
 * the version.
 */
@NullMarked
package io.hermes.cli.console;

import org.jspecify.annotations.NullMarked;
