/** Short programs that show the library. */
@NullMarked
package io.hermes.examples;

import org.jspecify.annotations.NullMarked;
