package io.sparkgrad.cluster.ingest;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;

/**
 * Reads the feature cells of one row after the other as float32 numbers, for training and
 * prediction alike. Not thread-safe.
 */
final class FeatureNumbers {
  private static final String DROP = "fill or drop %s first, e.g. data.na().drop()";
  private static final String FILTER = "replace such numbers or filter the row out first";

  private final FeatureColumns columns;
  private final int first; // index of the first feature column in a row
  private final int[] widths;
  private float[] numbers = new float[16];
  private int count;
  private long at;

  FeatureNumbers(FeatureColumns columns, int first) {
    this.columns = columns;
    this.first = first;
    this.widths = new int[columns.features()];
  }

  /**
   * Reads a row.
   *
   * @param at its position in the partition
   * @return what is wrong with it; null: nothing
   */
  RowProblem read(Row row, long at) {
    this.at = at;
    count = 0;
    for (int c = 0; c < widths.length; c++) {
      if (row.isNullAt(first + c)) return isNull(at, columns.name(c));
      int before = count;
      RowProblem found =
          switch (columns.column(c).form()) {
            case NUMBER -> number(c, row.get(first + c));
            case ARRAY -> array(c, row, first + c);
            case VECTOR -> vector(c, row.getAs(first + c));
            case ID -> id(c, row.get(first + c), "");
            case WEIGHT -> weight(c, row.get(first + c));
            case IMAGE -> image(c, row.get(first + c));
            case SEQUENCE -> sequence(c, row.getList(first + c));
          };
      if (found != null) return found;
      widths[c] = count - before;
    }
    return null;
  }

  /** Count of numbers in the row. */
  int count() {
    return count;
  }

  /** Count of numbers in each column; overwritten by the next row. */
  int[] widths() {
    return widths;
  }

  void copyTo(float[] into, int position) {
    System.arraycopy(numbers, 0, into, position, count);
  }

  private RowProblem number(int column, Object cell) {
    double value = toDouble(cell);
    return add(value) ? null : notFinite(column, value, "", drop("such rows"));
  }

  private RowProblem array(int column, Row row, int cell) {
    Object numbers = row.get(cell);
    if (numbers instanceof float[] floats) return floats(column, floats);
    if (numbers instanceof double[] doubles) return dense(column, doubles);
    if (numbers instanceof ArrayCells.NullAt hole) return hole(column, hole.position());
    return boxed(column, row.getList(cell));
  }

  /** Reads an array as Spark before 4.1 gives it: an object a number. */
  private RowProblem boxed(int column, List<?> cell) {
    int i = 0;
    for (Object element : cell) {
      if (element == null) return hole(column, i);
      double value = toDouble(element);
      if (!add(value)) return notFinite(column, value, " at position " + i, FILTER);
      i++;
    }
    return null;
  }

  private RowProblem weight(int column, Object cell) {
    double value = toDouble(cell);
    if (value < 0)
      return RowProblem.value(
          at,
          "weight column '" + columns.name(column) + "' is " + value,
          "a weight is not negative: " + FILTER);
    return number(column, cell);
  }

  private RowProblem whole(long id) {
    ensure(Words.EACH);
    Words.put(id, numbers, count);
    count += Words.EACH;
    return null;
  }

  /** Reads a whole number, or the id of a text. */
  private RowProblem id(int column, Object cell, String position) {
    if (cell instanceof Long number) return whole(number);
    long id = columns.column(column).input().vocabulary().id((String) cell);
    if (id >= 0) return whole(id);
    return RowProblem.value(
        at,
        "column '%s' has the value '%s'%s, which the vocabulary does not know,"
            .formatted(columns.name(column), cell, position),
        "give such values an id by .idForUnseen(), or filter the row out first");
  }

  /* The ids, filled up to the length of all, and how many there were; longer ones are cut. */
  private RowProblem sequence(int column, List<?> ids) {
    Inputs.Input input = columns.column(column).input();
    int padTo = input.padTo();
    int length = Math.min(padTo, ids.size());
    for (int i = 0; i < length; i++) {
      if (ids.get(i) == null) return hole(column, i);
      RowProblem found = id(column, ids.get(i), " at position " + i);
      if (found != null) return found;
    }
    for (int i = length; i < padTo; i++) whole(input.padding());
    return whole(length);
  }

  private RowProblem image(int column, Object cell) {
    try {
      return floats(column, ImageCells.numbers(cell, columns.column(column).input()));
    } catch (IOException e) {
      return RowProblem.value(
          at,
          "column '%s' (%s)".formatted(columns.name(column), e.getMessage()),
          "filter such rows out first, or leave them out by .handleInvalid(\"skip\")");
    }
  }

  private RowProblem hole(int column, int position) {
    String text = "column '" + columns.name(column) + "' has null at position " + position;
    return RowProblem.value(at, text, FILTER);
  }

  private RowProblem floats(int column, float[] values) {
    for (int i = 0; i < values.length; i++)
      if (!Float.isFinite(values[i]))
        return notFinite(column, values[i], " at position " + i, FILTER);
    ensure(values.length);
    System.arraycopy(values, 0, numbers, count, values.length);
    count += values.length;
    return null;
  }

  private RowProblem vector(int column, Vector cell) {
    if (!(cell instanceof SparseVector sparse)) return dense(column, cell.toArray());
    int start = count;
    ensure(sparse.size());
    Arrays.fill(numbers, start, start + sparse.size(), 0f);
    for (int i = 0; i < sparse.indices().length; i++) {
      double value = sparse.values()[i];
      float f = (float) value;
      if (!Float.isFinite(f))
        return notFinite(column, value, " at position " + sparse.indices()[i], FILTER);
      numbers[start + sparse.indices()[i]] = f;
    }
    count += sparse.size();
    return null;
  }

  private RowProblem dense(int column, double[] values) {
    ensure(values.length);
    for (int i = 0; i < values.length; i++) {
      float f = (float) values[i];
      if (!Float.isFinite(f)) return notFinite(column, values[i], " at position " + i, FILTER);
      numbers[count + i] = f;
    }
    count += values.length;
    return null;
  }

  static RowProblem isNull(long at, String column) {
    return RowProblem.value(at, "column '" + column + "' is null", drop("nulls"));
  }

  private RowProblem notFinite(int column, double value, String position, String remedy) {
    String text = "column '" + columns.name(column) + "' is " + value + position;
    return Double.isFinite(value)
        ? RowProblem.value(at, text, "float32 ends at 3.4E38; scale the column first")
        : RowProblem.value(at, text, remedy);
  }

  static String drop(String what) {
    return String.format(DROP, what);
  }

  static double toDouble(Object cell) {
    if (cell instanceof Number number) return number.doubleValue();
    return (Boolean) cell ? 1 : 0;
  }

  /** Appends to the row; false for a number that is not finite in float32. */
  private boolean add(double value) {
    ensure(1);
    float f = (float) value;
    numbers[count++] = f;
    return Float.isFinite(f);
  }

  private void ensure(int more) {
    if (count + more > numbers.length)
      numbers = Arrays.copyOf(numbers, Math.max(count + more, 2 * numbers.length));
  }
}
