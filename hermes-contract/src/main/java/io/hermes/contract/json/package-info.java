/** Converts events to JSON for people to read, with marked fields hidden. For tools. */
@NullMarked
package io.hermes.contract.json;

import org.jspecify.annotations.NullMarked;
