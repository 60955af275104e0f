package io.sparkgrad.cluster.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A table of texts, the first row its names. Immutable. */
final class Table {
  private static final int LINES = 40; // of plain text, at most: a screen
  private static final int ROWS = 1000; // of HTML and of Zeppelin's table

  private final List<List<String>> rows;
  private final List<String> names;

  Table(List<String> names, List<List<String>> rows) {
    this.names = names;
    this.rows = rows;
  }

  /** Lays out series of one number an epoch; a shorter one leaves its last cells empty. */
  static Table of(Map<String, List<Double>> series) {
    List<String> names = new ArrayList<>(List.of("epoch"));
    names.addAll(series.keySet());
    int epochs = series.values().stream().mapToInt(List::size).max().orElse(0);
    List<List<String>> rows = new ArrayList<>();
    for (int e = 0; e < epochs; e++) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(e + 1)));
      for (List<Double> s : series.values()) row.add(e < s.size() ? Numbers.text(s.get(e)) : "");
      rows.add(row);
    }
    return new Table(names, rows);
  }

  /** Aligned columns, at most {@value #LINES} rows at equal distances, the last one among them. */
  String text() {
    List<List<String>> shown = new ArrayList<>(List.of(names));
    shown.addAll(some(LINES));
    int[] widths = new int[names.size()];
    for (List<String> row : shown)
      for (int c = 0; c < widths.length; c++)
        widths[c] = Math.max(widths[c], Numbers.cell(row.get(c)).length());
    StringBuilder text = new StringBuilder();
    for (List<String> row : shown) {
      for (int c = 0; c < widths.length; c++) {
        String cell = Numbers.cell(row.get(c));
        text.append(c == 0 ? "" : "  ").append(" ".repeat(widths[c] - cell.length())).append(cell);
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** As {@link Zeppelin#table} takes it. */
  String lines() {
    StringBuilder lines = new StringBuilder(line(names));
    for (List<String> row : some(ROWS)) lines.append(line(row));
    return lines.toString();
  }

  static String line(List<String> cells) {
    return String.join("\t", cells.stream().map(Numbers::cell).toList()) + "\n";
  }

  /** A table in the colours of the page around it. */
  String html() {
    StringBuilder html =
        new StringBuilder(
            "<table style=\"border-collapse:collapse;font-variant-numeric:tabular-nums\"><thead>");
    row(html, "th", names);
    html.append("</thead><tbody>");
    for (List<String> row : some(ROWS)) row(html, "td", row);
    return html.append("</tbody></table>").toString();
  }

  private static void row(StringBuilder html, String tag, List<String> cells) {
    html.append("<tr>");
    for (String cell : cells)
      html.append("<%s style=\"padding:2px 10px;text-align:right\">".formatted(tag))
          .append(Numbers.escaped(cell))
          .append("</%s>".formatted(tag));
    html.append("</tr>");
  }

  private List<List<String>> some(int most) {
    int every = (rows.size() + most - 1) / most;
    if (every <= 1) return rows;
    List<List<String>> some = new ArrayList<>();
    for (int r = rows.size() - 1; r >= 0; r -= every) some.add(0, rows.get(r));
    return some;
  }
}
