package io.hermes.cli.contracts;

import io.hermes.ContractException;
import io.hermes.SettingsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/** Finds descriptor sets: on this program's class path, or where the options say. Stateless. */
final class ContractPlaces {

  private static final String DIRECTORY = "META-INF/hermes";

  private ContractPlaces() {}

  /**
   * The descriptor sets that the thread's class loader finds.
   *
   * @throws ContractException if one is corrupt
   */
  static DescriptorSets onClassPath() {
    DescriptorSets sets = new DescriptorSets(null);
    ClassLoader classPath = Thread.currentThread().getContextClassLoader();
    try {
      for (URL directory : Collections.list(classPath.getResources(DIRECTORY))) {
        if (directory.openConnection() instanceof JarURLConnection jar) {
          addJar(sets, Path.of(jar.getJarFileURL().toURI()));
        } else {
          Path folder = Path.of(directory.toURI());
          sets.addFolder(folder, folder.toString());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return sets;
  }

  /**
   * The contracts of other programs. Imports that they lack, such as Hermes' own option, are taken
   * from this program's class path.
   *
   * @param descriptors files with one descriptor set each
   * @param classPathName the option or variable that sets the class path
   * @param classPath jars and folders with {@code META-INF/hermes/*.binpb}
   * @throws SettingsException if one cannot be read, or none has a contract
   * @throws ContractException if a set is corrupt, or one of its contracts is invalid
   */
  static Contracts read(List<Path> descriptors, String classPathName, List<Path> classPath) {
    DescriptorSets sets = new DescriptorSets(onClassPath());
    int count = descriptors.size();
    for (Path file : descriptors) {
      addFile(sets, file);
    }
    for (Path place : classPath) {
      count += addPlace(sets, place, classPathName);
    }
    String all =
        Stream.concat(descriptors.stream(), classPath.stream())
            .map(Path::toString)
            .collect(Collectors.joining(", "));
    if (count == 0) {
      throw new SettingsException(
          "%s: %s has no contracts (the files META-INF/hermes/*.binpb in a jar or folder)."
              .formatted(classPathName, all),
          null);
    }
    Contracts contracts = new Contracts(sets);
    if (contracts.all().isEmpty()) {
      throw new SettingsException(
          "No message in %s has a contract (the option (hermes.contract.v1.topic)).".formatted(all),
          null);
    }
    return contracts;
  }

  /**
   * Whether jars and folders have contracts.
   *
   * @param name the option or variable that sets the class path
   * @throws SettingsException if one cannot be read
   */
  static boolean areIn(String name, List<Path> classPath) {
    DescriptorSets sets = new DescriptorSets(null);
    int count = 0;
    for (Path place : classPath) {
      count += addPlace(sets, place, name);
    }
    return count > 0;
  }

  private static void addFile(DescriptorSets sets, Path file) {
    try {
      require(Files.isRegularFile(file), file, "--descriptors", "file");
      sets.add(file, file.toString());
    } catch (IOException e) {
      throw unreadable("--descriptors", file, e);
    }
  }

  private static int addPlace(DescriptorSets sets, Path place, String name) {
    try {
      if (Files.isDirectory(place)) {
        Path folder = place.resolve(DIRECTORY);
        return Files.isDirectory(folder) ? sets.addFolder(folder, folder.toString()) : 0;
      }
      require(Files.isRegularFile(place), place, name, "jar or folder");
      return addJar(sets, place);
    } catch (ProviderNotFoundException | ZipException e) {
      throw new SettingsException(
          "%s: %s is not a jar, or is damaged.".formatted(name, place),
          "Build the jar again. To use a descriptor set, pass it with --descriptors.",
          e);
    } catch (IOException e) {
      throw unreadable(name, place, e);
    }
  }

  /** Opened by path, because the file system of a URI can be open only once in a JVM. */
  private static int addJar(DescriptorSets sets, Path jar) throws IOException {
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Path folder = inside.getPath("/" + DIRECTORY);
      return Files.isDirectory(folder) ? sets.addFolder(folder, jar.toString()) : 0;
    }
  }

  private static void require(boolean isThere, Path file, String name, String kind) {
    if (!isThere) {
      String problem = Files.exists(file) ? "%s: %s is not a %s." : "%s: there is no %3$s %2$s.";
      throw new SettingsException(problem.formatted(name, file, kind), null);
    }
  }

  private static SettingsException unreadable(String name, Path file, IOException e) {
    return new SettingsException("%s: %s cannot be read: %s".formatted(name, file, e), e);
  }
}
