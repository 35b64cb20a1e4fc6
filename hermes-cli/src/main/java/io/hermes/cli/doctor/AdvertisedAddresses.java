package io.hermes.cli.doctor;

import io.hermes.cli.doctor.Network.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Queries one broker for the addresses that the brokers advertise, with a Metadata request of
 * Kafka's protocol. Kafka's own clients do not expose them but connect to them immediately, so a
 * wrong address only shows as a timeout. For plaintext connections. Stateless.
 */
final class AdvertisedAddresses {

  private static final int METADATA = 3;
  private static final int VERSION = 2; // the first one with the cluster's id
  private static final int CORRELATION = 4711;
  private static final int MOST_BYTES = 1 << 20;

  private AdvertisedAddresses() {}

  /** A broker and its advertised address. */
  record Broker(int id, Address address) {}

  /** A cluster as seen by one of its brokers; its controller may be a broker. */
  record ClusterView(@Nullable String id, int controller, List<Broker> brokers) {}

  /**
   * Sends the request.
   *
   * @throws IOException if it cannot be reached, or its response is not Kafka's
   */
  static ClusterView ask(Address address, int timeoutMs) throws IOException {
    try (Socket socket = Network.connect(address, timeoutMs)) {
      socket.getOutputStream().write(request());
      socket.getOutputStream().flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int size = in.readInt();
      if (size < 8 || size > MOST_BYTES) {
        throw new IOException("not a response of Kafka's protocol");
      }
      byte[] answer = in.readNBytes(size);
      return parse(new DataInputStream(new ByteArrayInputStream(answer)));
    } catch (SocketTimeoutException e) {
      throw new IOException("no response within " + timeoutMs + " ms", e);
    }
  }

  private static byte[] request() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(body);
    out.writeShort(METADATA);
    out.writeShort(VERSION);
    out.writeInt(CORRELATION);
    byte[] client = "hermes-doctor".getBytes(StandardCharsets.UTF_8);
    out.writeShort(client.length);
    out.write(client);
    out.writeInt(0); // no topics
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    new DataOutputStream(framed).writeInt(body.size());
    body.writeTo(framed);
    return framed.toByteArray();
  }

  private static ClusterView parse(DataInputStream in) throws IOException {
    if (in.readInt() != CORRELATION) {
      throw new IOException("not a response of Kafka's protocol");
    }
    List<Broker> brokers = new ArrayList<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      int id = in.readInt();
      String host = String.valueOf(text(in));
      brokers.add(new Broker(id, new Address(host, in.readInt())));
      text(in); // rack
    }
    return new ClusterView(text(in), in.readInt(), brokers);
  }

  private static @Nullable String text(DataInputStream in) throws IOException {
    int length = in.readShort();
    return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
