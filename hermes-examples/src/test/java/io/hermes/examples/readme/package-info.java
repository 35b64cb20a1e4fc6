/** README.md and the guides: their snippets, compiled and run, and their links. */
@NullMarked
package io.hermes.examples.readme;

import org.jspecify.annotations.NullMarked;
