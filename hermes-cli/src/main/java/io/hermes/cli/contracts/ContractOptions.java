package io.hermes.cli.contracts;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of all commands that use contracts: where to find them. */
public final class ContractOptions {

  private static final String VARIABLE = "HERMES_CLASSPATH";

  private final Map<String, String> environment;

  @Option(
      names = "--descriptors",
      paramLabel = "<file>",
      description =
          "Use the contracts in this descriptor set, written by protoc --include_imports or"
              + " buf build, instead of Hermes' own events; repeatable.")
  private List<Path> descriptors = new ArrayList<>();

  @Option(
      names = "--classpath",
      paramLabel = "<jars>",
      description =
          "Use the contracts in these jars or folders (META-INF/hermes/*.binpb) instead,"
              + " separated like a class path; repeatable. Default: the variable HERMES_CLASSPATH.")
  private List<String> classPath = new ArrayList<>();

  public ContractOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The contracts with the topic names in their schemas: from the options, or else from
   * HERMES_CLASSPATH, or else Hermes' own.
   *
   * @throws io.hermes.SettingsException if a file is missing or has no contracts
   * @throws io.hermes.ContractException if a contract is invalid, or two of them contradict each
   *     other
   */
  public Contracts contracts() {
    if (!descriptors.isEmpty() || !classPath.isEmpty()) {
      return ContractPlaces.read(descriptors, "--classpath", paths(classPath));
    }
    String variable = environment.getOrDefault(VARIABLE, "");
    return variable.isBlank()
        ? Contracts.onClassPath()
        : ContractPlaces.read(List.of(), VARIABLE, paths(List.of(variable)));
  }

  /** Like {@link #contracts()}, with the names that their topics have on the cluster. */
  public Contracts contracts(Names names) {
    return contracts().onCluster(names);
  }

  /**
   * Like {@link #contracts()}, but falls back to Hermes' own contracts if the class path has none.
   */
  public Contracts contractsIfAny() {
    return descriptors.isEmpty() && !ContractPlaces.areIn(classPathName(), classPath())
        ? Contracts.onClassPath()
        : contracts();
  }

  /** The jars and folders from the option, or else from HERMES_CLASSPATH. */
  public List<Path> classPath() {
    return paths(classPath.isEmpty() ? List.of(environment.getOrDefault(VARIABLE, "")) : classPath);
  }

  /** The option or variable that sets {@link #classPath()}. */
  public String classPathName() {
    return classPath.isEmpty() ? VARIABLE : "--classpath";
  }

  private static List<Path> paths(List<String> classPaths) {
    List<Path> paths = new ArrayList<>();
    for (String one : classPaths) {
      for (String path : one.split(File.pathSeparator, -1)) {
        if (!path.isBlank()) {
          paths.add(Path.of(path.strip()));
        }
      }
    }
    return paths;
  }
}
