package io.hermes.spring;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A service that publishes and listens, and brokers that want TLS, for tests. */
final class SecureService {

  final List<String> seen = new CopyOnWriteArrayList<>();
  final HermesPublisher<UserEvent> publisher;

  SecureService(HermesPublisher<UserEvent> publisher) {
    this.publisher = publisher;
  }

  @HermesListener(group = "billing")
  void listen(UserEvent event) {
    seen.add(event.getUserId());
  }

  /** Publishes an event, and waits until it has been handled. */
  void assertWorks(String user) {
    publisher.publishAndWait(Services.event(user), Duration.ofSeconds(20));
    Services.await(user, () -> seen.contains(user));
  }

  /**
   * A broker that wants TLS.
   *
   * @param clients whether it wants a certificate of clients: none or required
   * @param trust the certificates that it trusts, its own among them: it is its own client, too
   */
  static EmbeddedKafka.Builder broker(Identity own, String clients, Path trust) {
    EmbeddedKafka.Builder builder = EmbeddedKafka.builder();
    Map.of(
            "listener.security.protocol.map",
            "CLIENT:SSL,CONTROLLER:PLAINTEXT",
            "ssl.client.auth",
            clients,
            "ssl.keystore.type",
            "PKCS12",
            "ssl.keystore.location",
            own.store().toString(),
            "ssl.keystore.password",
            Identity.PASSWORD,
            "ssl.truststore.type",
            "PKCS12",
            "ssl.truststore.location",
            trust.toString(),
            "ssl.truststore.password",
            Identity.PASSWORD)
        .forEach(builder::property);
    return builder;
  }
}
