package io.hermes.contract.schema;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checks the contracts of a descriptor set, for builds: {@code java -cp
 * hermes-contract.jar:protobuf-java.jar io.hermes.contract.schema.ContractCheck schema.binpb}.
 * Prints warnings to standard output and errors to standard error, and exits with 1 if there is an
 * error.
 */
public final class ContractCheck {

  private ContractCheck() {}

  /** Takes one argument: the descriptor set. */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    if (args.length != 1) {
      err.println("Pass one argument: the file of a descriptor set that includes its imports.");
      return 2;
    }
    SchemaSet schemas;
    try {
      schemas = SchemaSet.parse(Files.readAllBytes(Path.of(args[0])));
    } catch (IOException e) {
      err.println("Cannot read " + args[0] + ": " + e);
      return 2;
    } catch (SchemaException e) {
      err.println(args[0] + ": " + e.getMessage());
      return 2;
    }
    int errors = 0;
    for (Finding finding : ContractRules.check(schemas)) {
      if (finding.severity() == Finding.Severity.ERROR) {
        errors++;
        err.println(finding);
      } else {
        out.println(finding);
      }
    }
    out.println(
        "Checked "
            + count(schemas.events().size(), "contract")
            + ": "
            + count(errors, "error")
            + ".");
    return errors == 0 ? 0 : 1;
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
