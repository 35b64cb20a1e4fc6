/** Publishing events. */
@NullMarked
package io.hermes.publish;

import org.jspecify.annotations.NullMarked;
