package io.hermes.cli.console;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi.Style;

/** A command's result as aligned lines of a name and a text. */
public final class NamedLines {

  private final List<String[]> facts = new ArrayList<>();

  /** Adds a line; a line without a name continues the one above it. */
  public void add(String name, String text) {
    facts.add(new String[] {name, text});
  }

  public void print(Console console) {
    int width = facts.stream().mapToInt(fact -> fact[0].length()).max().orElse(0);
    for (String[] fact : facts) {
      console.out().println(console.style(Style.faint, Text.left(fact[0], width)) + "  " + fact[1]);
    }
  }
}
