/** Events as JSON for people to read, with marked fields hidden: for tools. */
@NullMarked
package io.hermes.contract.json;

import org.jspecify.annotations.NullMarked;
