package io.hermes.jdbc;

/** Kafka Connect in one process, as {@code connect-standalone.sh} starts it. */
final class ConnectMain {

  private ConnectMain() {}

  /** Takes the files of the worker's and the connector's configuration. */
  public static void main(String[] files) throws Exception {
    ChildProcess.endWithParent();
    // By name, since only -Pfull has it.
    Class.forName("org.apache.kafka.connect.cli.ConnectStandalone")
        .getMethod("main", String[].class)
        .invoke(null, (Object) files);
  }
}
