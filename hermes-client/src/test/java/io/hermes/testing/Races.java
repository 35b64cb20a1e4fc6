package io.hermes.testing;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Tries the interleavings of operations on threads: what they return must be explained by an order
 * one after the other. The JDK's map and queue are taken for atomic.
 */
public final class Races {

  /** How many scenarios a long run has; {@code -Dhermes.test.scenarios=50} makes it longer. */
  public static final int MANY = Integer.getInteger("hermes.test.scenarios", 15);

  private Races() {}

  /**
   * Checks a class of {@code Operation} methods.
   *
   * @param subject the class; each scenario has a new instance
   * @param scenarios how many random sets of operations to try
   * @param interleavings how many of the interleavings of each
   */
  public static void check(Class<?> subject, int scenarios, int interleavings) {
    new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(interleavings)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(2)
        .actorsAfter(2)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    ConcurrentHashMap.class.getName(), ConcurrentLinkedQueue.class.getName())
                .allMethods()
                .treatAsAtomic())
        .check(subject);
  }
}
