/** Hermes in Spring Boot. */
@NullMarked
package io.hermes.spring;

import org.jspecify.annotations.NullMarked;
