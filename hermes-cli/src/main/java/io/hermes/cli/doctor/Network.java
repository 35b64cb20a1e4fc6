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

/** Names and connections, each within a time. Stateless. */
final class Network {

  private Network() {}

  /** Where something listens. */
  record Address(String host, int port) {

    /** As KafkaSettings has checked it: {@code host:port}, maybe with a protocol before it. */
    static Address parse(String text) {
      String address = text.replaceFirst("^[A-Za-z0-9+_]+://", "");
      int colon = address.lastIndexOf(':');
      String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
      return new Address(host, Integer.parseInt(address.substring(colon + 1)));
    }

    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /**
   * What the name service says; a host's number is its own name.
   *
   * @throws UnknownHostException if it does not know, or does not answer in time
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
    thread.setDaemon(true); // the system's own time-out may be longer than ours
    thread.start();
    try {
      return List.of(answer.get(timeoutMs, TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new UnknownHostException("the name service did not answer in " + timeoutMs + " ms");
    } catch (ExecutionException e) {
      throw new UnknownHostException("the name service here does not know it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }

  /** Connects to the first of a host's addresses that takes it. */
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

  /** Why an address cannot be reached, in words; null if it can. */
  static @Nullable String problem(Address address, int timeoutMs) {
    try (Socket socket = connect(address, timeoutMs)) {
      return socket.isConnected() ? null : "no connection";
    } catch (UnknownHostException e) {
      return address.host() + " has no address: " + e.getMessage();
    } catch (SocketTimeoutException e) {
      return "nothing answered in " + timeoutMs + " ms";
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }
  }

  /** The problems of several addresses, looked at in parallel; in their order. */
  static List<@Nullable String> problems(List<Address> addresses, int timeoutMs) {
    return problems(addresses, address -> problem(address, timeoutMs));
  }

  /** What a look at each address finds, all in parallel; in their order. */
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
