/** {@code hermes dlt}: lists, shows, redrives and purges dead-letter records. */
@NullMarked
package io.hermes.cli.dlt;

import org.jspecify.annotations.NullMarked;
