package io.hermes.spring;

import java.security.KeyStore;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslOptions;

/**
 * Creates the TLS engines of Kafka's clients from an SSL bundle. New connections use a reloaded
 * bundle. Kafka's clients instantiate this class, and call it from their threads.
 */
public final class BundleSslEngineFactory implements SslEngineFactory {

  /** The property with the {@link ReloadableBundle}. */
  static final String BUNDLE = "hermes.ssl.bundle";

  private @Nullable ReloadableBundle bundle; // set once, by configure

  @Override
  public void configure(Map<String, ?> configs) {
    this.bundle = (ReloadableBundle) Objects.requireNonNull(configs.get(BUNDLE), BUNDLE);
  }

  private ReloadableBundle.Loaded loaded() {
    return Objects.requireNonNull(bundle, "configure").now();
  }

  @Override
  public SSLEngine createClientSslEngine(
      String peerHost, int peerPort, String endpointIdentification) {
    ReloadableBundle.Loaded now = loaded();
    SSLEngine engine = now.context().createSSLEngine(peerHost, peerPort);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(endpointIdentification);
    SslOptions options = now.bundle().getOptions();
    if (options.getCiphers() != null) {
      parameters.setCipherSuites(options.getCiphers());
    }
    if (options.getEnabledProtocols() != null) {
      parameters.setProtocols(options.getEnabledProtocols());
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
    throw new UnsupportedOperationException("Hermes creates SSL engines only for clients.");
  }

  /** No rebuild is needed: each engine is created from the current bundle. */
  @Override
  public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
    return false;
  }

  @Override
  public Set<String> reconfigurableConfigs() {
    return Set.of();
  }

  @Override
  public @Nullable KeyStore keystore() {
    return loaded().bundle().getStores().getKeyStore();
  }

  @Override
  public @Nullable KeyStore truststore() {
    return loaded().bundle().getStores().getTrustStore();
  }

  @Override
  public void close() {}
}
