package io.hermes.kafka;

/**
 * Whether this JVM has the JDK's Flight Recorder: a runtime image created by {@code jlink} may lack
 * its module. Use classes of {@code jdk.jfr} only if it is present. Stateless.
 */
public final class FlightRecording {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecording() {}

  /** Whether events would be recorded if a recording were started. */
  public static boolean isPresent() {
    return PRESENT;
  }
}
