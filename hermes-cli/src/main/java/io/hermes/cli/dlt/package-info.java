/** {@code hermes dlt}: dead-letter records listed, shown, put back and removed. */
@NullMarked
package io.hermes.cli.dlt;

import org.jspecify.annotations.NullMarked;
