package io.hermes.kafka;

/**
 * Whether this JVM has the JDK's Flight Recorder: a runtime image made by {@code jlink} may lack
 * its module. Classes of {@code jdk.jfr} may be touched only where it is present. Stateless.
 */
public final class FlightRecording {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecording() {}

  /** Whether events can be recorded, should anybody start a recording. */
  public static boolean isPresent() {
    return PRESENT;
  }
}
