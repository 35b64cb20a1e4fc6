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
 * The current version of an SSL bundle. It is loaded when the application starts, and again on each
 * reload. A reload that fails is ignored, so a half-written file does no harm. Thread-safe.
 */
final class ReloadableBundle {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  private final String name;
  private volatile Loaded loaded;

  /** A bundle with the SSL context created from its stores. */
  record Loaded(SslBundle bundle, SSLContext context) {

    /**
     * Reads the stores now; Spring Boot itself reads them late.
     *
     * @throws IllegalStateException if a file is missing, a password is wrong, and so on
     */
    static Loaded of(SslBundle bundle) {
      return new Loaded(bundle, bundle.createSslContext());
    }
  }

  /**
   * Loads a bundle.
   *
   * @param name for log lines
   * @param owner what refers to the bundle, as the start of a sentence
   * @throws InvalidPropertyException if the bundle cannot be used
   */
  ReloadableBundle(String name, String owner, SslBundle bundle) {
    this.name = name;
    try {
      this.loaded = Loaded.of(bundle);
    } catch (RuntimeException e) {
      throw new InvalidPropertyException(
          owner + " uses the SSL bundle '" + name + "', which is invalid. " + describe(e),
          "Correct it below spring.ssl.bundle.",
          e);
    }
  }

  /**
   * Returns the bundle of that name.
   *
   * @param property the property that names it
   * @throws InvalidPropertyException if the bundle does not exist or cannot be used
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
          "SSL bundle {}: cannot be reloaded; connections to Kafka keep the previous one. {}",
          name,
          describe(e));
    }
  }

  /** Returns the failure's message, which often names only the file, and the root cause. */
  private static String describe(RuntimeException failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    return failure.getMessage() + (cause == failure ? "" : " (" + cause.getMessage() + ")") + ".";
  }

  Loaded now() {
    return loaded;
  }
}
