package io.hermes.cli.doctor;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Inspects a server's certificate, whoever signed it, to find out what is wrong. No data is sent
 * over such a connection. Stateless.
 */
final class TlsProbe {

  private TlsProbe() {}

  /**
   * Performs a TLS handshake.
   *
   * @return the server's certificate
   * @throws IOException if it does not speak TLS, or rejects this client
   */
  static X509Certificate certificate(Network.Address address, int timeoutMs) throws IOException {
    try (Socket plain = Network.connect(address, timeoutMs)) {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, null);
      SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(plain, address.host(), address.port(), true);
      socket.startHandshake();
      Certificate certificate = socket.getSession().getPeerCertificates()[0];
      return (X509Certificate) certificate;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /**
   * Whether a server accepts connections but never responds. A server that rejects this client does
   * respond.
   */
  static boolean isSilent(Network.Address address, int timeoutMs) {
    try {
      certificate(address, timeoutMs);
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a server speaks TLS at all. */
  static boolean speaksTls(Network.Address address, int timeoutMs) {
    try {
      certificate(address, timeoutMs);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Only for inspection: Kafka's client decides for itself what to trust. */
  private static final class AnyCertificate extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
