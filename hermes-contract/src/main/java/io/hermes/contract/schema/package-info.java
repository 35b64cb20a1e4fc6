/**
 * Reads compiled schemas (descriptor sets) and checks the contracts in them, for builds and tools.
 * Publishing and subscribing do not use it.
 */
@NullMarked
package io.hermes.contract.schema;

import org.jspecify.annotations.NullMarked;
