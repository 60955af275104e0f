package io.sparkgrad.cluster.notebook;

import java.util.List;
import java.util.Map;

/**
 * Displays series of one number an epoch, ready to print: in a cell of Zeppelin a table or picture
 * of its own, elsewhere the text itself. Makes no files.
 */
public final class Display {
  private Display() {}

  /** A row an epoch: in Zeppelin its table, which it can chart; elsewhere aligned text. */
  public static String table(Map<String, List<Double>> series) {
    return table(Table.of(series));
  }

  static String table(Table table) {
    return Zeppelin.isHere() ? Zeppelin.table(table.lines()) : table.text();
  }

  /** The chart and the table as HTML, in a cell of Zeppelin as its display. */
  public static String html(Map<String, List<Double>> series, List<String> together) {
    return html(
        svg(series, together)
            + "<div style=\"max-height:320px;overflow:auto\">"
            + Table.of(series).html()
            + "</div>");
  }

  static String html(String html) {
    String page = "<div>" + html + "</div>";
    return Zeppelin.isHere() ? Zeppelin.html(page) : page;
  }

  /**
   * The chart as SVG, for a page or a file of its own.
   *
   * @param together names of the series that share a panel, as they have one unit
   */
  public static String svg(Map<String, List<Double>> series, List<String> together) {
    return SvgChart.of(series, together);
  }
}
