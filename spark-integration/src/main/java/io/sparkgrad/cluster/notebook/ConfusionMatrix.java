package io.sparkgrad.cluster.notebook;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/**
 * How often each class was taken for which: a row a class of the data, a column a prediction.
 * Immutable.
 */
public final class ConfusionMatrix implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST = 200; // classes

  private final ArrayList<String> classes;
  private final long[][] counts;

  ConfusionMatrix(List<String> classes, long[][] counts) {
    this.classes = new ArrayList<>(classes);
    this.counts = counts;
  }

  /**
   * Counts, in one Spark job.
   *
   * @param label column of the right classes, whole numbers; StringIndexer's names them
   * @param prediction column of the predicted ones
   * @throws IllegalArgumentException for a label that is no class: null or a fraction, or for more
   *     than {@value #MOST} classes
   */
  public static ConfusionMatrix of(Dataset<Row> data, String label, String prediction) {
    List<Row> found =
        data.groupBy(
                data.col(quoted(label)).cast("double").as("label"),
                data.col(quoted(prediction)).cast("double").as("prediction"))
            .count()
            .limit(MOST * MOST + 1)
            .collectAsList();
    TreeSet<Double> values = new TreeSet<>();
    for (Row r : found) {
      for (int i = 0; i < 2; i++) {
        if (r.isNullAt(i) || (i == 0 && r.getDouble(i) != Math.rint(r.getDouble(i))))
          throw new IllegalArgumentException(
              "column '%s' holds %s, which is no class: a class is a whole number, as StringIndexer makes them"
                  .formatted(i == 0 ? label : prediction, r.get(i)));
        values.add(r.getDouble(i));
      }
    }
    if (values.size() > MOST)
      throw new IllegalArgumentException(
          "columns '%s' and '%s' hold more than %d different values: a confusion matrix is for classes"
              .formatted(label, prediction, MOST));
    List<Double> order = List.copyOf(values);
    long[][] counts = new long[order.size()][order.size()];
    for (Row r : found)
      counts[order.indexOf(r.getDouble(0))][order.indexOf(r.getDouble(1))] += r.getLong(2);
    String[] names = names(data.schema().apply(label));
    return new ConfusionMatrix(order.stream().map(v -> name(v, names)).toList(), counts);
  }

  private static String quoted(String column) {
    return "`" + column.replace("`", "``") + "`";
  }

  private static String[] names(StructField label) {
    Attribute attribute = Attribute.fromStructField(label);
    if (attribute instanceof NominalAttribute nominal && nominal.values().isDefined())
      return nominal.values().get();
    return new String[0];
  }

  private static String name(double value, String[] names) {
    if (value >= 0 && value < names.length) return names[(int) value];
    return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : "" + value;
  }

  /** The classes by name, or by number where they have none: rows and columns in this order. */
  public List<String> classes() {
    return List.copyOf(classes);
  }

  /** Count of rows by class, then by prediction. */
  public long[][] counts() {
    return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
  }

  /** The part of the rows whose class was predicted; NaN without rows. */
  public double accuracy() {
    long right = 0;
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      right += counts[i][i];
      all += Arrays.stream(counts[i]).sum();
    }
    return (double) right / all;
  }

  /** Ready to print: in a cell of Zeppelin its table, elsewhere aligned text. */
  public String table() {
    return Display.table(asTable());
  }

  /** As HTML, each cell as dark as its part of its class; in a cell of Zeppelin as its display. */
  public String html() {
    StringBuilder html =
        new StringBuilder("<table style=\"border-collapse:collapse\"><caption>accuracy ");
    html.append(Numbers.text(accuracy()))
        .append("; a row a class, a column a prediction</caption>");
    html.append("<tr><th></th>");
    for (String c : classes) html.append(cell("th", 0, c));
    html.append("</tr>");
    for (int i = 0; i < counts.length; i++) {
      html.append("<tr>").append(cell("th", 0, classes.get(i)));
      long all = Arrays.stream(counts[i]).sum();
      for (long n : counts[i]) html.append(cell("td", all == 0 ? 0 : (double) n / all, "" + n));
      html.append("</tr>");
    }
    return Display.html(html.append("</table>").toString());
  }

  /* Half transparent: readable on a light and on a dark page. */
  private static String cell(String tag, double part, String text) {
    return String.format(
        Locale.ROOT,
        "<%s style=\"padding:4px 10px;text-align:right;background:rgba(47,143,208,%.2f)\">%s</%s>",
        tag,
        part / 2,
        Numbers.escaped(text),
        tag);
  }

  private Table asTable() {
    List<String> names = new ArrayList<>(List.of(""));
    names.addAll(classes);
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      List<String> row = new ArrayList<>(List.of(classes.get(i)));
      for (long n : counts[i]) row.add(Long.toString(n));
      rows.add(row);
    }
    return new Table(names, rows);
  }

  @Override
  public String toString() {
    return asTable().text() + "accuracy " + Numbers.text(accuracy());
  }
}
