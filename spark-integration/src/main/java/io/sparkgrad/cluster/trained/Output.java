package io.sparkgrad.cluster.trained;

import java.io.Serializable;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns that a prediction adds, and how a row's outputs fill them. */
abstract class Output implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] widths;

  private Output(int... widths) {
    this.widths = widths;
  }

  /** Of the model's first outputs, a column each; of so many numbers a row. */
  static Output columns(int... widths) {
    return new Columns(widths);
  }

  /**
   * Of scores of the classes, or one of class 1 against class 0: MLlib's columns.
   *
   * @param thresholds of each class, which divide its probability; null: none
   */
  static Output classes(int scores, double[] thresholds) {
    int classes = Math.max(2, scores);
    if (thresholds != null && thresholds.length != classes)
      throw new IllegalArgumentException(
          "non-matching numClasses and thresholds.length: numClasses=%d, but thresholds has length %d"
              .formatted(classes, thresholds.length));
    return new Classes(scores, thresholds);
  }

  /** Count of numbers a row, of each of the model's outputs that are asked for. */
  int[] widths() {
    return widths;
  }

  /** The types of the columns. */
  abstract DataType[] types();

  /**
   * Fills the cells from {@code at} on.
   *
   * @param outputs a row's numbers, of each output
   */
  abstract void put(double[][] outputs, Object[] row, int at);

  /** A double of one number a row, else an array. */
  private static final class Columns extends Output {
    private static final long serialVersionUID = 1L;

    Columns(int[] widths) {
      super(widths);
    }

    @Override
    DataType[] types() {
      DataType[] types = new DataType[widths().length];
      for (int i = 0; i < types.length; i++)
        types[i] =
            widths()[i] == 1
                ? DataTypes.DoubleType
                : DataTypes.createArrayType(DataTypes.FloatType, false);
      return types;
    }

    @Override
    void put(double[][] outputs, Object[] row, int at) {
      for (int i = 0; i < outputs.length; i++)
        row[at + i] = outputs[i].length == 1 ? (Object) outputs[i][0] : floats(outputs[i]);
    }

    private static Float[] floats(double[] numbers) {
      Float[] cell = new Float[numbers.length];
      for (int i = 0; i < cell.length; i++) cell[i] = (float) numbers[i];
      return cell;
    }
  }

  private static final class Classes extends Output {
    private static final long serialVersionUID = 1L;

    private final double[] thresholds; // null: none

    Classes(int scores, double[] thresholds) {
      super(scores);
      this.thresholds = thresholds == null ? null : thresholds.clone();
    }

    @Override
    DataType[] types() {
      return new DataType[] {
        SQLDataTypes.VectorType(), SQLDataTypes.VectorType(), DataTypes.DoubleType
      };
    }

    @Override
    void put(double[][] outputs, Object[] row, int at) {
      double[] of = outputs[0];
      boolean single = of.length == 1;
      double[] scores = single ? new double[] {-of[0], of[0]} : of;
      row[at] = Vectors.dense(scores);
      double[] probabilities = softmax(single ? new double[] {0, of[0]} : of);
      row[at + 1] = Vectors.dense(probabilities);
      row[at + 2] = best(thresholds == null ? scores : scaled(probabilities));
    }

    /* As MLlib: a threshold of 0 wins, whatever the probability. */
    private double[] scaled(double[] probabilities) {
      double[] scaled = new double[probabilities.length];
      for (int i = 0; i < scaled.length; i++)
        scaled[i] =
            thresholds[i] == 0 && !Double.isNaN(probabilities[i])
                ? Double.POSITIVE_INFINITY
                : probabilities[i] / thresholds[i];
      return scaled;
    }
  }

  /**
   * Checks that a data frame has no column of these names yet, and that they differ.
   *
   * @throws IllegalArgumentException naming the column
   */
  static void checkNew(String[] names, StructType schema, boolean caseSensitive) {
    Set<String> given = new HashSet<>();
    for (String name : names) {
      if (!given.add(caseSensitive ? name : name.toLowerCase(Locale.ROOT)))
        throw new IllegalArgumentException(
            "two of the added columns are named '%s': name them apart".formatted(name));
      for (String there : schema.fieldNames()) {
        if (caseSensitive ? there.equals(name) : there.equalsIgnoreCase(name))
          throw new IllegalArgumentException(
              "the data has a column '%s' already: drop or rename it first, or name the new one otherwise"
                  .formatted(there));
      }
    }
  }

  private static double[] softmax(double[] scores) {
    double[] p = new double[scores.length];
    double max = Double.NEGATIVE_INFINITY;
    for (double s : scores) max = Math.max(max, s);
    double sum = 0;
    for (int i = 0; i < p.length; i++) sum += p[i] = Math.exp(scores[i] - max);
    for (int i = 0; i < p.length; i++) p[i] /= sum;
    return p;
  }

  /** The first class of the highest score; NaN where a score is, for no class is the best then. */
  private static double best(double[] scores) {
    int best = 0;
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i])) return Double.NaN;
      if (scores[i] > scores[best]) best = i;
    }
    return best;
  }
}
