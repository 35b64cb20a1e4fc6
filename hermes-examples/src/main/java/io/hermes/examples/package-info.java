/** Programs of a screenful that show the library, and the events that they use. */
@NullMarked
package io.hermes.examples;

import org.jspecify.annotations.NullMarked;
