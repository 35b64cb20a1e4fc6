package io.hermes.cli.broker;

import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** A program's ACLs in the format of other tools. */
final class AclText {

  private AclText() {}

  /** The commands that create them, one for each resource. */
  static String commands(Program program, String bootstrapServers, boolean secured) {
    StringBuilder commands = new StringBuilder();
    Set<AclBinding> acls = program.acls(true);
    for (ResourcePattern resource : Program.resources(acls)) {
      commands.append("kafka-acls.sh --bootstrap-server ").append(bootstrapServers);
      if (secured) {
        commands.append(" --command-config admin.properties");
      }
      commands.append(" --add --allow-principal ").append(quoted(program.principal()));
      for (String operation : Program.operations(acls, resource)) {
        commands.append(" --operation ").append(operation);
      }
      commands.append(option(resource.resourceType())).append(quoted(resource.name()));
      if (resource.patternType() == PatternType.PREFIXED) {
        commands.append(" --resource-pattern-type prefixed");
      }
      commands.append('\n');
    }
    return commands.toString();
  }

  private static String option(ResourceType type) {
    return switch (type) {
      case GROUP -> " --group ";
      case TRANSACTIONAL_ID -> " --transactional-id ";
      default -> " --topic ";
    };
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9._:=,/@+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** A KafkaUser resource, for which Strimzi creates a password and these ACLs. */
  static String strimzi(Program program, String cluster) {
    StringBuilder yaml =
        new StringBuilder(Strimzi.head("KafkaUser", program.name(), cluster))
            .append(
                """
                spec:
                  authentication:
                    type: scram-sha-512
                  authorization:
                    type: simple
                    acls:
                """);
    // The Topic Operator creates dead-letter topics.
    Set<AclBinding> acls = program.acls(false);
    for (ResourcePattern resource : Program.resources(acls)) {
      yaml.append("      - resource:\n          type: ")
          .append(strimziType(resource.resourceType()))
          .append("\n          name: ")
          .append(Strimzi.text(resource.name()))
          .append("\n          patternType: ")
          .append(resource.patternType() == PatternType.PREFIXED ? "prefix" : "literal")
          .append("\n        operations: [")
          .append(String.join(", ", Program.operations(acls, resource)))
          .append("]\n");
    }
    return yaml.toString();
  }

  private static String strimziType(ResourceType type) {
    return type == ResourceType.TRANSACTIONAL_ID
        ? "transactionalId"
        : type.name().toLowerCase(Locale.ROOT);
  }
}
