/** {@code hermes groups}: consumer groups listed, shown and reset. */
@NullMarked
package io.hermes.cli.groups;

import org.jspecify.annotations.NullMarked;
