/** Tests of Spring Boot applications with Hermes. */
@NullMarked
package io.hermes.spring.test;

import org.jspecify.annotations.NullMarked;
