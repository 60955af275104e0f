package io.sparkgrad.cluster.trained;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns that a prediction adds, and how a row's outputs fill them. */
enum Output {
  /** One output a row. */
  NUMBER {
    @Override
    DataType[] types() {
      return new DataType[] {DataTypes.DoubleType};
    }

    @Override
    void put(double[] outputs, Object[] row, int at) {
      row[at] = outputs[0];
    }
  },

  /** Several outputs a row: an array. */
  NUMBERS {
    @Override
    DataType[] types() {
      return new DataType[] {DataTypes.createArrayType(DataTypes.FloatType, false)};
    }

    @Override
    void put(double[] outputs, Object[] row, int at) {
      Float[] cell = new Float[outputs.length];
      for (int i = 0; i < cell.length; i++) cell[i] = (float) outputs[i];
      row[at] = cell;
    }
  },

  /** Scores of the classes, or one of class 1 against class 0: MLlib's columns. */
  CLASSES {
    @Override
    DataType[] types() {
      return new DataType[] {
        SQLDataTypes.VectorType(), SQLDataTypes.VectorType(), DataTypes.DoubleType
      };
    }

    @Override
    void put(double[] outputs, Object[] row, int at) {
      boolean single = outputs.length == 1;
      double[] scores = single ? new double[] {-outputs[0], outputs[0]} : outputs;
      row[at] = Vectors.dense(scores);
      row[at + 1] = Vectors.dense(softmax(single ? new double[] {0, outputs[0]} : outputs));
      row[at + 2] = best(scores);
    }
  };

  /** The types of the columns. */
  abstract DataType[] types();

  /** Fills the cells from {@code at} on. */
  abstract void put(double[] outputs, Object[] row, int at);

  /**
   * Checks that a data frame has no column of these names yet.
   *
   * @throws IllegalArgumentException naming the column
   */
  static void checkNew(String[] names, StructType schema, boolean caseSensitive) {
    for (String name : names) {
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
