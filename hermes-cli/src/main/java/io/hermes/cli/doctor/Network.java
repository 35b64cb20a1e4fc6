package io.hermes.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Resolves names and opens connections, each within a timeout. Stateless. */
final class Network {

  private Network() {}

  /** A host and port. */
  record Address(String host, int port) {

    /** Parses an address that KafkaSettings has validated: {@code host:port}. */
    static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
      return new Address(host, Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /**
   * Resolves a name; an IP address resolves to itself.
   *
   * @throws UnknownHostException if DNS does not know it, or does not respond in time
   */
  static List<InetAddress> resolve(String host, int timeoutMs) throws UnknownHostException {
    CompletableFuture<InetAddress[]> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                answer.complete(InetAddress.getAllByName(host));
              } catch (UnknownHostException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            },
            "hermes-dns");
    thread.setDaemon(true); // the system's own timeout may be longer than ours
    thread.start();
    try {
      return List.of(answer.get(timeoutMs, TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new UnknownHostException("DNS did not respond within " + timeoutMs + " ms");
    } catch (ExecutionException e) {
      throw new UnknownHostException("DNS does not know it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }

  /** Connects to the first of a host's addresses that accepts the connection. */
  static Socket connect(Address address, int timeoutMs) throws IOException {
    IOException failure = new UnknownHostException(address.host());
    for (InetAddress candidate : resolve(address.host(), timeoutMs)) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(candidate, address.port()), timeoutMs);
        socket.setSoTimeout(timeoutMs);
        return socket;
      } catch (IOException | IllegalArgumentException e) {
        socket.close();
        failure = e instanceof IOException io ? io : new IOException(e.getMessage(), e);
      }
    }
    throw failure;
  }

  /** Why an address cannot be reached, as text; null if it can. */
  static @Nullable String problem(Address address, int timeoutMs) {
    try (Socket socket = connect(address, timeoutMs)) {
      return socket.isConnected() ? null : "no connection";
    } catch (UnknownHostException e) {
      return address.host() + " cannot be resolved: " + e.getMessage();
    } catch (SocketTimeoutException e) {
      return "no response within " + timeoutMs + " ms";
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }
  }

  /** The problems of several addresses, checked in parallel; in the order of the addresses. */
  static List<@Nullable String> problems(List<Address> addresses, int timeoutMs) {
    return problems(addresses, address -> problem(address, timeoutMs));
  }

  /** The results of a check of each address, all in parallel; in the order of the addresses. */
  static List<@Nullable String> problems(
      List<Address> addresses, Function<Address, @Nullable String> look) {
    List<CompletableFuture<@Nullable String>> all = new ArrayList<>();
    for (Address address : addresses) {
      CompletableFuture<@Nullable String> problem = new CompletableFuture<>();
      Thread thread = new Thread(() -> problem.complete(look.apply(address)), "hermes-connect");
      thread.setDaemon(true);
      thread.start();
      all.add(problem);
    }
    List<@Nullable String> problems = new ArrayList<>();
    all.forEach(problem -> problems.add(problem.join()));
    return problems;
  }

  static String text(List<InetAddress> addresses) {
    return Arrays.toString(addresses.stream().map(InetAddress::getHostAddress).toArray())
        .replaceAll("[\\[\\]]", "");
  }
}
