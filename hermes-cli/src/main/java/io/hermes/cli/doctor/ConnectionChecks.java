package io.hermes.cli.doctor;

import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.doctor.AdvertisedAddresses.Broker;
import io.hermes.cli.doctor.AdvertisedAddresses.ClusterView;
import io.hermes.cli.doctor.Network.Address;
import io.hermes.kafka.KafkaSettings;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks connections, from the name of a broker to the addresses that the brokers advertise. For
 * one thread.
 */
final class ConnectionChecks {

  private static final int STEP_MS = 3_000;
  private static final int REQUEST_MS = 1_500; // then the client tries another broker
  private static final String WHERE =
      "Start a broker there, for example with ./hermes broker, or set KAFKA_BROKER or --broker to"
          + " the address of a running broker.";

  private static final String HUNG =
      "Its process hangs, or another program uses the port. Check its log, and restart it."
          + " Clients that connect to it first wait in vain.";

  private final Diagnosis diagnosis;
  private final KafkaSettings settings;
  private final Contracts contracts;
  private final Map<Address, String> silent =
      new LinkedHashMap<>(); // accept connections but do not respond

  ConnectionChecks(Diagnosis diagnosis, KafkaSettings settings, Contracts contracts) {
    this.diagnosis = diagnosis;
    this.settings = settings;
    this.contracts = contracts;
  }

  /** The security protocol, such as SASL_SSL. */
  static String protocol(KafkaSettings settings) {
    return String.valueOf(
        settings.adminProperties(Map.of()).getOrDefault("security.protocol", "PLAINTEXT"));
  }

  void run() {
    List<Address> known = resolve(addresses());
    List<Address> open = known.isEmpty() ? List.of() : connect(known);
    if (open.isEmpty()) {
      diagnosis.skipped(
          "broker", "not checked, nor anything that depends on it: there is no connection");
      return;
    }
    boolean plain = protocol(settings).equals("PLAINTEXT");
    if (!plain) {
      new SecureChecks(diagnosis, settings, open.get(0)).run(this::advertised);
      return;
    }
    ClusterView cluster = ask(open);
    if (cluster != null) {
      advertised(cluster);
    }
  }

  private List<Address> addresses() {
    List<Address> addresses = new ArrayList<>();
    for (String address : settings.bootstrapServers().split(",", -1)) {
      addresses.add(Address.parse(address));
    }
    return addresses;
  }

  private List<Address> resolve(List<Address> addresses) {
    List<Address> known = new ArrayList<>();
    List<String> found = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Address address : addresses) {
      try {
        String numbers = Network.text(Network.resolve(address.host(), diagnosis.stepMs(STEP_MS)));
        known.add(address);
        found.add(numbers.equals(address.host()) ? numbers : address.host() + " is " + numbers);
      } catch (UnknownHostException e) {
        problems.add(address.host() + " cannot be resolved: " + e.getMessage());
      }
    }
    String advice =
        "Correct KAFKA_BROKER or --broker, or check DNS. Names in Docker and Kubernetes can be"
            + " resolved only inside them.";
    report("dns", String.join("; ", found), problems, advice);
    return known;
  }

  private List<Address> connect(List<Address> addresses) {
    List<Address> open = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<@Nullable String> found = Network.problems(addresses, diagnosis.stepMs(STEP_MS));
    for (int i = 0; i < addresses.size(); i++) {
      if (found.get(i) == null) {
        open.add(addresses.get(i));
      } else {
        problems.add(addresses.get(i) + ": " + found.get(i));
      }
    }
    report("tcp", "connected to " + join(open), problems, WHERE);
    return open;
  }

  /** One working address is enough; each failing one gets its own line. */
  private void report(String check, String seen, List<String> problems, String advice) {
    boolean some = !seen.isEmpty() && !seen.endsWith(" ");
    if (some) {
      diagnosis.ok(check, seen);
    }
    for (String problem : problems) {
      if (some) {
        diagnosis.warning(check, problem, advice);
      } else {
        diagnosis.failure(check, problem, advice);
      }
    }
  }

  private static String join(List<Address> addresses) {
    return addresses.stream().map(Address::toString).collect(Collectors.joining(", "));
  }

  /**
   * The first response; null if no address responds. Remembers the addresses that do not respond.
   */
  private @Nullable ClusterView ask(List<Address> addresses) {
    String problem = "";
    int timeoutMs = diagnosis.stepMs(STEP_MS);
    List<@Nullable String> problems =
        Network.problems(addresses, address -> silence(address, true, timeoutMs));
    for (int i = 0; i < addresses.size(); i++) {
      String found = problems.get(i);
      if (found != null) {
        silent.put(addresses.get(i), found);
      }
    }
    for (Address address : addresses) {
      try {
        if (!silent.containsKey(address)) {
          return AdvertisedAddresses.ask(address, diagnosis.stepMs(STEP_MS));
        }
        problem = Objects.requireNonNull(silent.get(address));
      } catch (IOException e) {
        problem = Objects.requireNonNullElse(e.getMessage(), "it closed the connection");
      }
    }
    Address address = addresses.get(0);
    if (TlsProbe.speaksTls(address, diagnosis.stepMs(STEP_MS))) {
      diagnosis.failure(
          "broker",
          address + " uses TLS, but this program does not",
          "Set KAFKA_SECURITY_PROTOCOL to SSL, or to SASL_SSL with KAFKA_SASL_MECHANISM,"
              + " KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.");
    } else {
      diagnosis.failure(
          "broker",
          address + " does not respond like Kafka: " + problem,
          "Correct the port (KAFKA_BROKER or --broker) or, if the broker needs a password, set"
              + " KAFKA_SECURITY_PROTOCOL. If both are correct, the broker hangs or is still"
              + " starting. Check its log.");
    }
    return null;
  }

  private void advertised(ClusterView cluster) {
    List<Broker> brokers = cluster.brokers();
    diagnosis.ok(
        "broker",
        "cluster "
            + cluster.id()
            + ", "
            + Units.count(brokers.size(), "broker")
            + (cluster.controller() < 0 ? "" : ", controller " + cluster.controller()));
    List<Address> addresses = brokers.stream().map(Broker::address).toList();
    List<@Nullable String> problems = Network.problems(addresses, diagnosis.stepMs(STEP_MS));
    long reached = problems.stream().filter(Objects::isNull).count();
    if (reached == brokers.size()) {
      diagnosis.ok("advertised", join(addresses) + " can be reached");
    }
    List<Broker> open = new ArrayList<>();
    for (int i = 0; i < brokers.size(); i++) {
      Broker broker = brokers.get(i);
      if (problems.get(i) == null) {
        open.add(broker);
      } else {
        diagnosis.failure(
            "advertised",
            "broker " + broker.id() + " advertises " + broker.address() + ": " + problems.get(i),
            "Clients connect to the advertised addresses, not to the bootstrap servers. Set"
                + " advertised.listeners (KAFKA_ADVERTISED_LISTENERS in the image) to an"
                + " address that works from here, or run this inside the same Docker network"
                + " or Kubernetes cluster.");
      }
    }
    List<Broker> answering = answering(open);
    if (reached == 0) {
      diagnosis.skipped(
          "topics", "not checked: no broker can be reached at its advertised address");
    } else if (answering.isEmpty()) {
      diagnosis.skipped("topics", "not checked: no broker responds");
    } else {
      new ClusterChecks(diagnosis, through(answering), contracts).run(brokers.size());
    }
  }

  /**
   * Queries each broker separately, and reports those that accept connections but do not respond.
   */
  private List<Broker> answering(List<Broker> brokers) {
    boolean plain = protocol(settings).equals("PLAINTEXT");
    int timeoutMs = diagnosis.stepMs(STEP_MS);
    List<@Nullable String> problems =
        Network.problems(
            brokers.stream().map(Broker::address).toList(),
            address ->
                silent.containsKey(address)
                    ? silent.get(address)
                    : silence(address, plain, timeoutMs));
    List<Broker> answering = new ArrayList<>();
    for (int i = 0; i < brokers.size(); i++) {
      Broker broker = brokers.get(i);
      String problem = problems.get(i);
      if (problem == null) {
        answering.add(broker);
      } else {
        hung("broker " + broker.id() + " at " + broker.address(), problem);
        silent.remove(broker.address());
      }
    }
    silent.forEach((address, problem) -> hung(address.toString(), problem));
    return answering;
  }

  private void hung(String broker, String problem) {
    diagnosis.failure(
        "broker", broker + " accepts connections but does not respond: " + problem, HUNG);
  }

  /** Why a broker does not respond; null if it does. With TLS, only the handshake must succeed. */
  private static @Nullable String silence(Address address, boolean plain, int timeoutMs) {
    try {
      if (plain) {
        AdvertisedAddresses.ask(address, timeoutMs);
      } else if (TlsProbe.isSilent(address, timeoutMs)) {
        return "no response within " + timeoutMs + " ms";
      }
      return null;
    } catch (IOException e) {
      return Objects.requireNonNullElse(e.getMessage(), "it closed the connection");
    }
  }

  /** Settings with the responding brokers only, so that later checks do not wait for the others. */
  private KafkaSettings through(List<Broker> answering) {
    return settings.toBuilder()
        .bootstrapServers(
            answering.stream().map(b -> b.address().toString()).collect(Collectors.joining(",")))
        .property("request.timeout.ms", REQUEST_MS)
        .build();
  }
}
