/** {@code hermes dictionary}: trains ZSTD dictionaries from records. */
@NullMarked
package io.hermes.cli.dictionary;

import org.jspecify.annotations.NullMarked;
