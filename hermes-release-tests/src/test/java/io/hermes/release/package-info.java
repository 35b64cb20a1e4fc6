/** Publishes into a folder, and uses what is there as a stranger does. */
@NullMarked
package io.hermes.release;

import org.jspecify.annotations.NullMarked;
