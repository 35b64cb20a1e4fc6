package io.hermes.codec;

import com.github.luben.zstd.Zstd;
import io.hermes.SettingsException;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries that compression uses. They are unpacked into a temporary directory and
 * loaded from there, which fails if that directory is read-only or mounted noexec. Stateless.
 */
public final class NativeLibrary {

  private NativeLibrary() {}

  /**
   * Loads zstd, so that a JVM that cannot use it fails at startup rather than on an event.
   *
   * @throws SettingsException if it cannot be loaded; the message says what to set
   */
  public static void requireZstd() {
    try {
      Zstd.compressBound(1);
    } catch (LinkageError e) {
      throw unusable(e);
    }
  }

  /**
   * Explains a failure that was caused by a native library that cannot be loaded, not by a record.
   *
   * @param failure any exception
   * @return an exception that says what to set; null if the failure has another cause
   */
  public static @Nullable SettingsException explain(Throwable failure) {
    @Nullable Throwable at = failure;
    for (int depth = 0; depth < 20 && at != null; depth++) { // causes can form a cycle
      // SnappyError of snappy-java is not a LinkageError, and that library may be absent.
      if (at instanceof LinkageError || at.getClass().getSimpleName().equals("SnappyError")) {
        String text = at.toString(); // only for these errors: toString() of some exceptions throws
        if (text.contains("zstd")) {
          return unusable(at);
        }
        if (text.contains("snappy")) {
          return unloadable("snappy", "org.xerial.snappy.tempdir", at);
        }
      }
      at = at.getCause();
    }
    return null;
  }

  private static SettingsException unusable(Throwable error) {
    if (error instanceof NoClassDefFoundError && error.toString().contains("com/github/luben")) {
      return new SettingsException(
          "zstd-jni is not on the class path; Kafka's ZSTD batches and the ZSTD encoding"
              + " need it.",
          "Add com.github.luben:zstd-jni to the dependencies; on the module path, start the JVM"
              + " with --add-modules com.github.luben.zstd_jni.",
          error);
    }
    return unloadable("zstd", "ZstdTempFolder", error);
  }

  private static SettingsException unloadable(String library, String property, Throwable error) {
    // After the first attempt, the JVM only reports that the class is unusable, with the original
    // cause.
    Throwable cause = error.getCause();
    Throwable first = error instanceof NoClassDefFoundError && cause != null ? cause : error;
    return new SettingsException(
        "The native library for "
            + library
            + " cannot be loaded from the temporary directory "
            + System.getProperty(property, System.getProperty("java.io.tmpdir"))
            + " ("
            + first.toString().lines().findFirst().orElse("")
            + ").",
        "Start the JVM with -D"
            + property
            + "=DIRECTORY or -Djava.io.tmpdir=DIRECTORY, a directory that is writable and not"
            + " mounted noexec.",
        error);
  }
}
