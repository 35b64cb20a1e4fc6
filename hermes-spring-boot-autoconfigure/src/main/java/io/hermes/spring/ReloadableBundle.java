package io.hermes.spring;

import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.NestedExceptionUtils;

/**
 * An SSL bundle as it is now. It is loaded when the application starts, and again when it is
 * reloaded; one that then cannot be loaded is ignored, so that a half-written file does no harm.
 * Safe for any thread.
 */
final class ReloadableBundle {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  private final String name;
  private volatile Loaded loaded;

  /** A bundle with what was made of its stores. */
  record Loaded(SslBundle bundle, SSLContext context) {

    /**
     * Reads the stores, which Spring Boot itself does late.
     *
     * @throws IllegalStateException if a file is missing, a password is wrong, and so on
     */
    static Loaded of(SslBundle bundle) {
      return new Loaded(bundle, bundle.createSslContext());
    }
  }

  /**
   * A bundle.
   *
   * @param name for log lines
   * @param owner what names it, as the beginning of a sentence
   * @throws InvalidPropertyException if it cannot be used
   */
  ReloadableBundle(String name, String owner, SslBundle bundle) {
    this.name = name;
    try {
      this.loaded = Loaded.of(bundle);
    } catch (RuntimeException e) {
      throw new InvalidPropertyException(
          owner + " has the SSL bundle '" + name + "', which cannot be used. " + describe(e),
          "Correct it below spring.ssl.bundle.",
          e);
    }
  }

  /**
   * The bundle of that name.
   *
   * @param property the property that names it
   * @throws InvalidPropertyException if it does not exist, or cannot be used
   */
  static ReloadableBundle of(String name, String property, @Nullable SslBundles bundles) {
    if (bundles == null) {
      throw new InvalidPropertyException(
          property + " is set, but there are no SSL bundles.",
          "Define it below spring.ssl.bundle.",
          null);
    }
    try {
      ReloadableBundle bundle = new ReloadableBundle(name, property, bundles.getBundle(name));
      bundles.addBundleUpdateHandler(name, bundle::reload);
      return bundle;
    } catch (NoSuchSslBundleException e) {
      List<String> others = bundles.getBundleNames().stream().sorted().toList();
      throw new InvalidPropertyException(
          property + " names the bundle '" + name + "', which does not exist.",
          "Define it below spring.ssl.bundle"
              + (others.isEmpty() ? "." : ", or name one of " + others + "."),
          e);
    }
  }

  private void reload(SslBundle bundle) {
    try {
      loaded = Loaded.of(bundle);
      LOG.info("SSL bundle {}: reloaded; new connections to Kafka use it", name);
    } catch (RuntimeException e) {
      LOG.warn(
          "SSL bundle {}: cannot be reloaded; connections to Kafka use the last one. {}",
          name,
          describe(e));
    }
  }

  /** What it says, which is often only the file, and the reason. */
  private static String describe(RuntimeException failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    return failure.getMessage() + (cause == failure ? "" : " (" + cause.getMessage() + ")") + ".";
  }

  Loaded now() {
    return loaded;
  }
}
