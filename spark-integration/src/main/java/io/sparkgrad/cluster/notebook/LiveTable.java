package io.sparkgrad.cluster.notebook;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Prints a row of numbers at a time: in Zeppelin a table that grows while its cell runs, elsewhere
 * aligned text. Not thread-safe.
 */
public final class LiveTable implements AutoCloseable {
  private static final int WIDTH = 10; // of a column of text, at least

  private final PrintStream out;
  private final boolean zeppelin;
  private List<Integer> widths; // null before the first row

  /**
   * @param zeppelin what {@link Zeppelin#isHere} says on the thread of the cell
   */
  public LiveTable(PrintStream out, boolean zeppelin) {
    this.out = out;
    this.zeppelin = zeppelin;
  }

  /** Prints a row, the first one after its names. */
  public void add(int epoch, Map<String, Double> numbers) {
    if (widths == null) {
      List<String> names = new ArrayList<>(List.of("epoch"));
      names.addAll(numbers.keySet());
      widths = names.stream().map(n -> Math.max(WIDTH, Numbers.cell(n).length())).toList();
      print((zeppelin ? "%table " : "") + row(names));
    }
    List<String> cells = new ArrayList<>(List.of(Integer.toString(epoch)));
    for (double number : numbers.values()) cells.add(Numbers.text(number));
    print(row(cells));
  }

  private String row(List<String> cells) {
    if (zeppelin) return Table.line(cells);
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < cells.size(); c++) {
      String cell = Numbers.cell(cells.get(c));
      line.append(" ".repeat(Math.max(0, widths.get(c) - cell.length()))).append(cell).append("  ");
    }
    return line.toString().stripTrailing() + "\n";
  }

  private void print(String text) {
    out.print(text);
    out.flush();
  }

  /** Ends the table, so that what the cell prints next is not taken for a row. */
  @Override
  public void close() {
    if (zeppelin && widths != null) print(Zeppelin.END_OF_TABLE);
  }
}
