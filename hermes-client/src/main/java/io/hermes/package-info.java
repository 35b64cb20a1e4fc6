@NullMarked
package io.hermes;

import org.jspecify.annotations.NullMarked;
