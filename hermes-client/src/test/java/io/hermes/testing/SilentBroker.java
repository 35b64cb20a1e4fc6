package io.hermes.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A port that accepts connections and never responds, as a broker that hangs. */
public final class SilentBroker implements AutoCloseable {

  private final ServerSocket port;
  private final List<Socket> accepted = new ArrayList<>();

  public SilentBroker() {
    try {
      port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Host and port, for {@code bootstrap.servers}. */
  public String address() {
    return "127.0.0.1:" + port.getLocalPort();
  }

  /** Waits until somebody has connected. */
  public void awaitConnection() {
    try {
      accepted.add(port.accept());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : accepted) {
      socket.close();
    }
    port.close();
  }
}
