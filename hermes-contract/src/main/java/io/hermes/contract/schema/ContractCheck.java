package io.hermes.contract.schema;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Checks the contracts of a descriptor set, for builds: {@code java -cp
 * hermes-contract.jar:protobuf-java.jar io.hermes.contract.schema.ContractCheck schema.binpb}.
 * Prints what it finds and exits with 1 if something must be changed.
 */
public final class ContractCheck {

  private ContractCheck() {}

  /** One argument: the descriptor set. */
  public static void main(String[] args) {
    System.exit(run(args, System.err));
  }

  static int run(String[] args, PrintStream out) {
    if (args.length != 1) {
      out.println("Give one argument: the file of a descriptor set that holds its imports.");
      return 2;
    }
    List<Finding> findings;
    try {
      findings = ContractRules.check(SchemaSet.parse(Files.readAllBytes(Path.of(args[0]))));
    } catch (IOException e) {
      out.println("Cannot read " + args[0] + ": " + e);
      return 2;
    } catch (SchemaException e) {
      out.println(args[0] + ": " + e.getMessage());
      return 2;
    }
    findings.forEach(out::println);
    return findings.stream().anyMatch(finding -> finding.severity() == Finding.Severity.ERROR)
        ? 1
        : 0;
  }
}
