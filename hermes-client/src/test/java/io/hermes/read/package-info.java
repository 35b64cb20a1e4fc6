@NullMarked
package io.hermes.read;

import org.jspecify.annotations.NullMarked;
