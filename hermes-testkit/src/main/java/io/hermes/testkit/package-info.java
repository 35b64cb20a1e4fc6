@NullMarked
package io.hermes.testkit;

import org.jspecify.annotations.NullMarked;
