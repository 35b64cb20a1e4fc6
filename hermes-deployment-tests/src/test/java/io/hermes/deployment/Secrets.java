package io.hermes.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Certificates and passwords, made by the scripts that users run. */
final class Secrets {

  private Secrets() {}

  /**
   * Runs docker-compose.secrets.sh in a copy of what it needs. Its certificate is for the address
   * too, which stands in for localhost.
   */
  static Path make(Path checkout, String address) throws IOException {
    Path script = checkout.resolve("docker-compose.secrets.sh");
    String text = Repository.read("docker-compose.secrets.sh");
    String names = " localhost 127.0.0.1 broker";
    if (!text.contains(names)) {
      throw new AssertionError("The certificate's names are expected to be" + names);
    }
    Repository.write(script, text.replace(names, names + " " + address));
    for (String file :
        List.of("k8s/certificates.sh", "kustomize/components/secure/admin.properties")) {
      Files.createDirectories(checkout.resolve(file).getParent());
      Files.copy(Repository.file(file), checkout.resolve(file));
    }
    Processes.run(List.of("bash", script.toString()), Map.of(), checkout).expectSuccess();
    return checkout;
  }

  /** What a volume of the container does. */
  static void mount(Path files, DeployedBroker broker) throws IOException {
    Files.createDirectories(broker.secrets());
    try (Stream<Path> all = Files.list(files)) {
      for (Path file : all.toList()) {
        // Files that name other files of the container name them where they are here.
        boolean text = file.toString().endsWith(".properties");
        Path target = broker.secrets().resolve(file.getFileName());
        if (text) {
          Files.write(target, broker.localized(Files.readAllLines(file)));
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
