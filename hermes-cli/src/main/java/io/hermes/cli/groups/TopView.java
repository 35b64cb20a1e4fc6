package io.hermes.cli.groups;

/** The view in which {@code top} shows its figures. For one thread. */
interface TopView {

  /** Shows figures after each query, successful or not. */
  void show(TopFigures figures);

  /** Whether the user has ended the view. Must not block. */
  boolean isEnded();

  /** Ends the view, and restores the terminal. */
  void close();

  /** Leaves the last figures readable after the view has ended. */
  void keep(TopFigures figures);
}
