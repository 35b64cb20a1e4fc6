/** Spring Boot auto-configuration for Hermes. */
@NullMarked
package io.hermes.spring;

import org.jspecify.annotations.NullMarked;
