package io.sparkgrad.cluster.ingest;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.RowFactory;

/** Reads the cells of one row as a program has them, rather than a data frame's columns. */
public final class Cells {
  private final Inputs inputs;
  private final int[] widths;
  private final float[] numbers;
  private int count;

  private Cells(Inputs inputs, int[] widths) {
    this.inputs = inputs;
    this.widths = widths;
    this.numbers = new float[Arrays.stream(widths).sum()];
  }

  /**
   * The numbers of a row, for {@link Inputs#tensors}.
   *
   * @param widths of each column, in numbers of a row
   * @param cells of each column: numbers and booleans; arrays, lists and ML vectors of numbers; and
   *     for ids strings or whole numbers
   * @throws IllegalArgumentException for one that cannot be read; the text names the column
   */
  public static float[] read(Inputs inputs, int[] widths, Object... cells) {
    List<String> columns = inputs.columns();
    if (cells.length != columns.size())
      throw new IllegalArgumentException(
          "the model reads the columns %s, and a row of %d cells is given"
              .formatted(columns, cells.length));
    Cells row = new Cells(inputs, widths);
    for (int c = 0; c < cells.length; c++) row.read(c, columns.get(c), cells[c]);
    return row.numbers;
  }

  private void read(int c, String column, Object cell) {
    if (cell == null) throw wrong(column, "is null", "give it a value");
    switch (inputs.of(c).kind()) {
      case NUMBERS -> {
        double[] values = numbers(column, cell);
        if (values.length != widths[c])
          throw wrong(
              column,
              "has %d numbers where the model takes %d".formatted(values.length, widths[c]),
              "give it so many");
        for (double value : values) add(column, value);
      }
      case IDS -> {
        Words.put(id(column, cell, inputs.of(c)), numbers, count);
        count += Words.EACH;
      }
      default ->
          throw new UnsupportedOperationException(
              "column '%s' holds sequences or images, which are predicted in data frames: model.predict(data)"
                  .formatted(column));
    }
  }

  private void add(String column, double value) {
    float f = (float) value;
    if (!Float.isFinite(f)) throw wrong(column, "is " + value, "replace such numbers first");
    numbers[count++] = f;
  }

  private static double[] numbers(String column, Object cell) {
    if (cell instanceof Number || cell instanceof Boolean)
      return new double[] {FeatureNumbers.toDouble(cell)};
    if (cell instanceof Vector vector) return vector.toArray();
    if (cell instanceof double[] doubles) return doubles;
    if (cell instanceof float[] floats) {
      double[] values = new double[floats.length];
      for (int i = 0; i < values.length; i++) values[i] = floats[i];
      return values;
    }
    if (cell instanceof String)
      throw wrong(column, "is the string '%s'".formatted(cell), "it takes numbers");
    List<?> list = cell instanceof List<?> l ? l : RowFactory.create(cell).getList(0); // Scala's
    for (Object element : list)
      if (!(element instanceof Number || element instanceof Boolean))
        throw wrong(column, "has %s among its numbers".formatted(element), "replace it first");
    return list.stream().mapToDouble(FeatureNumbers::toDouble).toArray();
  }

  private static long id(String column, Object cell, Inputs.Input input) {
    if (input.buckets() > 0)
      throw new UnsupportedOperationException(
          "column '%s' is hashed, which Spark does in data frames: model.predict(data), or train by a vocabulary"
              .formatted(column));
    boolean whole = cell instanceof Long || cell instanceof Integer || cell instanceof Short;
    if (!whole && !(cell instanceof String && input.vocabulary() != null))
      throw wrong(
          column,
          "is %s, a %s".formatted(cell, cell.getClass().getSimpleName()),
          "an id is a whole number, or a string of the vocabulary");
    if (input.vocabulary() == null) return ((Number) cell).longValue();
    long id = input.vocabulary().id(cell.toString());
    if (id < 0)
      throw wrong(
          column,
          "has the value '%s', which the vocabulary does not know".formatted(cell),
          "give such values an id by .idForUnseen()");
    return id;
  }

  private static IllegalArgumentException wrong(String column, String what, String remedy) {
    return new IllegalArgumentException("column '%s' %s: %s".formatted(column, what, remedy));
  }
}
