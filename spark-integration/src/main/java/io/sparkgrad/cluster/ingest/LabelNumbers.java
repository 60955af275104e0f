package io.sparkgrad.cluster.ingest;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;

/**
 * Reads the label cells of one row after the other as float64 numbers, side by side. Not
 * thread-safe.
 */
final class LabelNumbers {
  private static final double EXACT = 0x1p53; // whole numbers up to here are exact in double

  private final FeatureColumns columns;
  private final int[] widths;
  private double[] numbers = new double[1];
  private int count;

  LabelNumbers(FeatureColumns columns) {
    this.columns = columns;
    this.widths = new int[columns.labels()];
  }

  /**
   * Reads a row, whose label cells stand behind those of the features.
   *
   * @param at its position in the partition
   * @return what is wrong with it; null: nothing
   */
  RowProblem read(Row row, long at) {
    count = 0;
    for (int l = 0; l < widths.length; l++) {
      int before = count;
      RowProblem found = cell(row, columns.features() + l, at);
      if (found != null) return found;
      widths[l] = count - before;
    }
    return null;
  }

  private RowProblem cell(Row row, int c, long at) {
    if (row.isNullAt(c)) return FeatureNumbers.isNull(at, columns.name(c));
    Object cell = row.get(c);
    if (cell instanceof Number || cell instanceof Boolean)
      return add(FeatureNumbers.toDouble(cell), cell, c, at, "");
    if (cell instanceof ArrayCells.NullAt hole) return hole(c, hole.position(), at);
    if (cell instanceof float[] floats) {
      for (int i = 0; i < floats.length; i++) {
        RowProblem found = add(floats[i], floats[i], c, at, " at position " + i);
        if (found != null) return found;
      }
      return null;
    }
    if (cell instanceof double[] doubles) return all(doubles, c, at);
    if (cell instanceof Vector vector) return all(vector.toArray(), c, at);
    List<?> boxed = row.getList(c); // as Spark before 4.1 gives an array
    for (int i = 0; i < boxed.size(); i++) {
      Object element = boxed.get(i);
      if (element == null) return hole(c, i, at);
      RowProblem found = add(FeatureNumbers.toDouble(element), element, c, at, " at position " + i);
      if (found != null) return found;
    }
    return null;
  }

  private RowProblem all(double[] values, int c, long at) {
    for (int i = 0; i < values.length; i++) {
      RowProblem found = add(values[i], values[i], c, at, " at position " + i);
      if (found != null) return found;
    }
    return null;
  }

  private RowProblem hole(int c, int position, long at) {
    return RowProblem.value(
        at,
        what(c) + "has null at position " + position,
        "replace such numbers or filter the row out first");
  }

  private RowProblem add(double label, Object shown, int c, long at, String position) {
    if (!Double.isFinite(label))
      return RowProblem.value(
          at, what(c) + "is " + label + position, FeatureNumbers.drop("such rows"));
    if (!columns.labelIsInteger() && !Float.isFinite((float) label))
      return RowProblem.value(
          at, what(c) + "is " + label + position, "float32 ends at 3.4E38; scale the column first");
    if (columns.labelIsInteger() && !isExact(label, shown))
      return RowProblem.value(
          at,
          what(c) + "is " + new BigDecimal(shown.toString()).toPlainString() + position,
          "whole numbers beyond 2^53 lose digits; is it an id rather than a label?");
    if (count == numbers.length) numbers = Arrays.copyOf(numbers, 2 * count);
    numbers[count++] = label;
    return null;
  }

  /* 2^53 is also what its upper neighbour became on its way. */
  private static boolean isExact(double label, Object shown) {
    double size = Math.abs(label);
    return size < EXACT || size == EXACT && shown instanceof Long l && l == (long) label;
  }

  private String what(int c) {
    return "label column '" + columns.name(c) + "' ";
  }

  /** Count of numbers in the row's label. */
  int count() {
    return count;
  }

  /** Count of numbers in each label column; overwritten by the next row. */
  int[] widths() {
    return widths;
  }

  void copyTo(double[] into, int position) {
    System.arraycopy(numbers, 0, into, position, count);
  }
}
