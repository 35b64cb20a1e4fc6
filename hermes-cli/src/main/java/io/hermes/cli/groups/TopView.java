package io.hermes.cli.groups;

/** Where {@code top} shows its figures. For one thread. */
interface TopView {

  /** Shows figures after each question to the brokers, answered or not. */
  void show(TopFigures figures);

  /** Whether nobody looks any more. Must not wait. */
  boolean isEnded();

  /** Ends the view, and gives the terminal back as it was. */
  void close();

  /** Leaves the last figures where they can be read after the end. */
  void keep(TopFigures figures);
}
