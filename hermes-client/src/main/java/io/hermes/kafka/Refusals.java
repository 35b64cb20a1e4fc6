package io.hermes.kafka;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/** Says why a connection was refused, and what to do about it, by which side refused what. */
final class Refusals {

  private Refusals() {}

  static String describe(AuthenticationException refusal, String where) {
    if (refusal instanceof UnsupportedSaslMechanismException) {
      return "The brokers at "
          + where
          + " do not know this mechanism: correct KAFKA_SASL_MECHANISM (sasl.mechanism). ("
          + refusal.getMessage()
          + ")";
    }
    if (refusal instanceof SaslAuthenticationException) {
      return "The brokers at "
          + where
          + " refused the user name or the password: correct KAFKA_SASL_USERNAME and"
          + " KAFKA_SASL_PASSWORD. ("
          + refusal.getMessage()
          + ")";
    }
    return tls(refusal, where);
  }

  private static String tls(Throwable refusal, String where) {
    String detail = innermost(refusal);
    String lower = detail.toLowerCase(Locale.ROOT);
    if (has(refusal, CertificateExpiredException.class)) {
      return "The certificate of the brokers at " + where + " has expired: renew it. " + in(detail);
    }
    if (has(refusal, CertificateNotYetValidException.class)) {
      return "The certificate of the brokers at "
          + where
          + " is not valid yet: correct this machine's clock, or wait. "
          + in(detail);
    }
    if (lower.contains("no subject alternative") || lower.contains("no name matching")) {
      return "The certificate of the brokers at "
          + where
          + " is for another host: connect by a name that is in it, or have one made with this"
          + " name. "
          + in(detail);
    }
    if (lower.contains("unable to find valid certification path")
        || has(refusal, CertPathValidatorException.class)) {
      return "The certificate of the brokers at "
          + where
          + " is signed by an authority that is not trusted here: set KAFKA_SSL_CA to that"
          + " authority's certificate. "
          + in(detail);
    }
    if (lower.contains("unrecognized ssl message")) {
      return "What answers at "
          + where
          + " does not speak TLS: correct the port in KAFKA_BROKER, or KAFKA_SECURITY_PROTOCOL. "
          + in(detail);
    }
    if (lower.contains("fatal alert")) {
      return "The brokers at "
          + where
          + " refused this client's certificate, or its absence: set KAFKA_SSL_CERT and"
          + " KAFKA_SSL_KEY to ones that they trust. "
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
