@org.jspecify.annotations.NullMarked
package io.hermes.spring.test;
