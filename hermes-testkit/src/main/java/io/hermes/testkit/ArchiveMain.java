package io.hermes.testkit;

/** Starts and stops a broker so that the JVM can archive the classes that it loads. */
final class ArchiveMain {

  private ArchiveMain() {}

  /** Takes no arguments. */
  public static void main(String[] args) {
    EmbeddedKafka.start().close();
  }
}
