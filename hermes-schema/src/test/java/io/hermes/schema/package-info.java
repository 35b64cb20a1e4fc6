/**
 * The tools behind the Makefile. They are test code, since nobody who uses the events needs them.
 */
@NullMarked
package io.hermes.schema;

import org.jspecify.annotations.NullMarked;
