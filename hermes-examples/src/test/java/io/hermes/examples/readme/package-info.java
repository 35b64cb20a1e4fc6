/** The snippets of README.md, compiled and run. */
@NullMarked
package io.hermes.examples.readme;

import org.jspecify.annotations.NullMarked;
