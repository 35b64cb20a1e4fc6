package io.hermes.cli.outbox;

import io.hermes.SettingsException;
import io.hermes.cli.contracts.ContractOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of all commands that use the database of an outbox. */
final class DatabaseOptions {

  private final Map<String, String> environment;

  @Option(
      names = "--jdbc-url",
      paramLabel = "<url>",
      description = "The JDBC URL of the outbox's database. Default: the variable HERMES_JDBC_URL.")
  private @Nullable String url;

  @Option(
      names = "--jdbc-user",
      paramLabel = "<name>",
      description =
          "The user. Default: the one in the URL. The password is in the variable"
              + " HERMES_JDBC_PASSWORD, or in the URL.")
  private @Nullable String user;

  @Mixin private final ContractOptions contracts;

  DatabaseOptions(Map<String, String> environment) {
    this.environment = environment;
    this.contracts = new ContractOptions(environment);
  }

  /**
   * The contracts that say which keys and ids may be shown. Their class path also has the JDBC
   * drivers.
   */
  ContractOptions contracts() {
    return contracts;
  }

  /**
   * The database.
   *
   * @throws SettingsException if none is given
   */
  OutboxDatabase database() {
    String address = url == null ? environment.getOrDefault("HERMES_JDBC_URL", "").strip() : url;
    if (!address.startsWith("jdbc:")) {
      throw new SettingsException(
          address.isEmpty()
              ? "No database URL is set."
              : "The URL of a database must begin with jdbc:.",
          (address.isEmpty() ? "Set" : "Correct")
              + " --jdbc-url or the variable HERMES_JDBC_URL to the database of the outbox, such as"
              + " jdbc:postgresql://localhost:5432/orders.",
          null);
    }
    return new OutboxDatabase(
        address, user, environment.get("HERMES_JDBC_PASSWORD"), contracts.classPath());
  }
}
