/** What several tests use. */
@org.jspecify.annotations.NullMarked
package io.hermes.testing;
