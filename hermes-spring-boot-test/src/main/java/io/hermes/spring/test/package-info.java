/** Support for testing Spring Boot applications that use Hermes. */
@NullMarked
package io.hermes.spring.test;

import org.jspecify.annotations.NullMarked;
