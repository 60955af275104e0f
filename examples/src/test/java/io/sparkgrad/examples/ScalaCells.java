package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cells of a notebook, run in order by Scala's REPL in a process of its own, each as one unit, as
 * Zeppelin runs a paragraph. A comment {@code // => text} in a cell says what it prints: these
 * texts stand in its output in their order. A cell without {@code // => error} must not fail.
 */
final class ScalaCells {
  private static final String MARK = "@@cell ";
  private static final String ON_A_CLUSTER = "// on a cluster";
  private static final Pattern EXPECTED = Pattern.compile("(?m)// => (.*)$");
  private static final Pattern FAILURE =
      Pattern.compile("(?m)error:|^\\S*(Exception|Error)\\b.*|^Caused by: .*");

  private final List<String> cells;

  ScalaCells(List<String> cells) {
    this.cells = cells;
  }

  /** The cells of a page, each behind a line {@code // %%}. */
  static ScalaCells ofPage(Path page) throws IOException {
    return new ScalaCells(
        Arrays.stream(Files.readString(page).split("(?m)^// %%.*$"))
            .map(String::strip)
            .filter(c -> !c.isEmpty())
            .toList());
  }

  List<String> cells() {
    return cells;
  }

  /**
   * Those that hold in local mode, too: without cells of a page that are marked to need a cluster.
   */
  ScalaCells inLocalMode() {
    return new ScalaCells(cells.stream().filter(cell -> !cell.startsWith(ON_A_CLUSTER)).toList());
  }

  /** The lines for the REPL's input: each cell is a file to paste. */
  String input(Path folder) throws IOException {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      Path file =
          Files.writeString(folder.resolve("cell%d.scala".formatted(i + 1)), cells.get(i) + "\n");
      input.append(mark(Integer.toString(i + 1))).append(":paste %s\n".formatted(file));
    }
    return input.append(mark("end")).toString();
  }

  private static String mark(String name) {
    return "println(\"\\n%s%s at \" + System.currentTimeMillis)\n".formatted(MARK, name);
  }

  /** Checks what the REPL printed, cell by cell. */
  void check(String printed) {
    List<String> wrong = new ArrayList<>();
    List<String> outputs = outputs(printed);
    assertEquals(cells.size(), outputs.size(), printed);
    for (int i = 0; i < cells.size(); i++) {
      String problem = problem(cells.get(i), outputs.get(i));
      if (problem != null)
        wrong.add(
            "cell %d %s:%n%s%nprinted%n%s".formatted(i + 1, problem, cells.get(i), outputs.get(i)));
    }
    assertTrue(wrong.isEmpty(), () -> String.join("\n\n", wrong));
  }

  private static List<String> outputs(String printed) {
    List<String> outputs = new ArrayList<>();
    Matcher m =
        Pattern.compile("(?s)\\n" + MARK + "\\d+ at \\d+\\R(.*?)(?=\\n" + MARK + ")")
            .matcher(printed);
    while (m.find()) outputs.add(m.group(1));
    return outputs;
  }

  private static String problem(String cell, String output) {
    String missing = missing(cell, output);
    if (!missing.isEmpty()) return "did not print '%s'".formatted(missing);
    Matcher failure = FAILURE.matcher(output);
    boolean fails = cell.contains("// => error ");
    return !fails && failure.find() ? "failed: " + failure.group() : null;
  }

  /** The first text that a cell says it prints, and an output does not have in its order. */
  static String missing(String cell, String output) {
    int from = 0;
    Matcher expected = EXPECTED.matcher(cell);
    while (expected.find()) {
      String text = expected.group(1).strip().replaceFirst("^error ", "");
      int at = output.indexOf(text, from);
      if (at < 0) return text;
      from = at + text.length();
    }
    return "";
  }
}
