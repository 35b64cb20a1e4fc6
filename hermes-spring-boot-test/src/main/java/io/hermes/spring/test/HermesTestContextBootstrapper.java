package io.hermes.spring.test;

import org.springframework.boot.test.autoconfigure.TestSliceTestContextBootstrapper;

/** Creates the contexts of {@link HermesTest}. */
final class HermesTestContextBootstrapper extends TestSliceTestContextBootstrapper<HermesTest> {

  HermesTestContextBootstrapper() {}
}
