/** {@code hermes groups}: lists, shows and resets consumer groups. */
@NullMarked
package io.hermes.cli.groups;

import org.jspecify.annotations.NullMarked;
