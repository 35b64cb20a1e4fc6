package io.hermes.kafka;

import io.hermes.AccessException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.jspecify.annotations.Nullable;

/**
 * Explains why a connection was refused and what to do about it, depending on which side refused
 * it.
 */
final class Refusals {

  private Refusals() {}

  static AccessException explain(AuthenticationException refusal, String where) {
    if (refusal instanceof UnsupportedSaslMechanismException) {
      return new AccessException(
          "The brokers at "
              + where
              + " do not support this mechanism"
              + Thrown.detail(refusal)
              + ".",
          "Correct KAFKA_SASL_MECHANISM (sasl.mechanism).",
          refusal);
    }
    if (refusal instanceof SaslAuthenticationException) {
      return new AccessException(
          "The brokers at "
              + where
              + " refused the user name or the password"
              + Thrown.detail(refusal)
              + ".",
          "Correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (sasl.jaas.config).",
          refusal);
    }
    return tls(refusal, where);
  }

  private static AccessException tls(Throwable refusal, String where) {
    String detail = innermost(refusal);
    String lower = detail.toLowerCase(Locale.ROOT);
    String certificate = "The certificate of the brokers at " + where;
    String problem;
    @Nullable String advice;
    if (has(refusal, CertificateExpiredException.class)) {
      problem = certificate + " has expired";
      advice = "Renew it.";
    } else if (has(refusal, CertificateNotYetValidException.class)) {
      problem = certificate + " is not valid yet";
      advice = "Correct this machine's clock, or wait.";
    } else if (lower.contains("no subject alternative") || lower.contains("no name matching")) {
      problem = certificate + " is for another host";
      advice =
          "Connect with a host name from the certificate, or have a certificate issued for this"
              + " name.";
    } else if (lower.contains("unable to find valid certification path")
        || has(refusal, CertPathValidatorException.class)) {
      problem = certificate + " is signed by an authority that this client does not trust";
      advice =
          "Set KAFKA_SSL_CA to that authority's certificate, or add it to the trust store or SSL"
              + " bundle.";
    } else if (lower.contains("unrecognized ssl message")) {
      problem = "The server at " + where + " does not speak TLS";
      advice = "Correct the port in KAFKA_BROKER, or KAFKA_SECURITY_PROTOCOL (security.protocol).";
    } else if (lower.contains("fatal alert")) {
      problem = "The brokers at " + where + " refused this client's certificate, or require one";
      advice =
          "Set KAFKA_SSL_CERT and KAFKA_SSL_KEY to a certificate that they trust and its key, or put"
              + " both into the key store or SSL bundle.";
    } else {
      problem = "The secure connection to the brokers at " + where + " failed";
      advice = null;
    }
    return new AccessException(problem + " (" + detail + ").", advice, refusal);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    return Thrown.causes(failure).stream().anyMatch(type::isInstance);
  }

  private static String innermost(Throwable failure) {
    String innermost = Thrown.describe(failure);
    for (Throwable cause : Thrown.causes(failure)) {
      String message = Thrown.message(cause);
      innermost = message == null ? innermost : message;
    }
    return innermost;
  }
}
