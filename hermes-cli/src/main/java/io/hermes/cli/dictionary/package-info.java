/** {@code hermes dictionary}: ZSTD dictionaries trained from records. */
@NullMarked
package io.hermes.cli.dictionary;

import org.jspecify.annotations.NullMarked;
