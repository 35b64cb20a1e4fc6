package io.hermes.kafka;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/**
 * Explains why a connection was refused and what to do about it, depending on which side refused
 * it.
 */
final class Refusals {

  private Refusals() {}

  static String describe(AuthenticationException refusal, String where) {
    if (refusal instanceof UnsupportedSaslMechanismException) {
      return "The brokers at "
          + where
          + " do not support this mechanism. Correct KAFKA_SASL_MECHANISM (sasl.mechanism). ("
          + refusal.getMessage()
          + ")";
    }
    if (refusal instanceof SaslAuthenticationException) {
      return "The brokers at "
          + where
          + " refused the user name or the password. Correct KAFKA_SASL_USERNAME and"
          + " KAFKA_SASL_PASSWORD (sasl.jaas.config). ("
          + refusal.getMessage()
          + ")";
    }
    return tls(refusal, where);
  }

  private static String tls(Throwable refusal, String where) {
    String detail = innermost(refusal);
    String lower = detail.toLowerCase(Locale.ROOT);
    if (has(refusal, CertificateExpiredException.class)) {
      return "The certificate of the brokers at " + where + " has expired. Renew it. " + in(detail);
    }
    if (has(refusal, CertificateNotYetValidException.class)) {
      return "The certificate of the brokers at "
          + where
          + " is not valid yet. Correct this machine's clock, or wait. "
          + in(detail);
    }
    if (lower.contains("no subject alternative") || lower.contains("no name matching")) {
      return "The certificate of the brokers at "
          + where
          + " is for another host. Connect with a host name from the certificate, or have a"
          + " certificate issued for this name. "
          + in(detail);
    }
    if (lower.contains("unable to find valid certification path")
        || has(refusal, CertPathValidatorException.class)) {
      return "The certificate of the brokers at "
          + where
          + " is signed by an authority that this client does not trust. Set KAFKA_SSL_CA to"
          + " that authority's certificate, or add it to the trust store or SSL bundle. "
          + in(detail);
    }
    if (lower.contains("unrecognized ssl message")) {
      return "The server at "
          + where
          + " does not speak TLS. Correct the port in"
          + " KAFKA_BROKER, or KAFKA_SECURITY_PROTOCOL (security.protocol). "
          + in(detail);
    }
    if (lower.contains("fatal alert")) {
      return "The brokers at "
          + where
          + " refused this client's certificate, or require one. Set KAFKA_SSL_CERT and"
          + " KAFKA_SSL_KEY to a certificate that they trust and its key, or put both into the key"
          + " store or SSL bundle. "
          + in(detail);
    }
    return "The secure connection to the brokers at " + where + " failed. " + in(detail);
  }

  private static String in(String detail) {
    return "(" + detail + ")";
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
