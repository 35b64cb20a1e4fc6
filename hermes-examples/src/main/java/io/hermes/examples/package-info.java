@NullMarked
package io.hermes.examples;

import org.jspecify.annotations.NullMarked;
