package io.hermes.kafka;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Detects that brokers do not respond because the client connects without TLS to a TLS port.
 * Kafka's client cannot detect that, since the broker just closes the connection. Stateless.
 */
final class TlsPort {

  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int MAX_ADDRESSES = 3;
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_MAJOR_VERSION = 3;

  private TlsPort() {}

  /**
   * The first address that uses TLS, of the first few; null if none was found. Takes a few seconds
   * at most.
   */
  static @Nullable String among(String bootstrapServers) {
    String[] addresses = bootstrapServers.split(",", -1);
    for (int i = 0; i < Math.min(addresses.length, MAX_ADDRESSES); i++) {
      String address = addresses[i].trim();
      if (speaksTls(address)) {
        return address;
      }
    }
    return null;
  }

  /** A TLS server responds to a plaintext request with an alert: type 21, version 3.x. */
  private static boolean speaksTls(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(address.lastIndexOf('/') + 1, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    int timeoutMs = (int) TIMEOUT.toMillis();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), timeoutMs);
      socket.setSoTimeout(timeoutMs);
      socket.getOutputStream().write("NO TLS\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == TLS_ALERT
          && socket.getInputStream().read() == TLS_MAJOR_VERSION;
    } catch (IOException e) {
      return false;
    }
  }
}
