package io.sparkgrad.cluster.trained;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that a prediction adds, and how a row's outputs fill them. */
enum Output {
  /** One output a row. */
  NUMBER {
    @Override
    StructType columns() {
      return new StructType().add("prediction", DataTypes.DoubleType, false);
    }

    @Override
    void put(double[] outputs, Object[] row, int at) {
      row[at] = outputs[0];
    }
  },

  /** Several outputs a row: an array. */
  NUMBERS {
    @Override
    StructType columns() {
      return new StructType()
          .add("prediction", DataTypes.createArrayType(DataTypes.FloatType, false), false);
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
    StructType columns() {
      return new StructType()
          .add("rawPrediction", SQLDataTypes.VectorType(), false)
          .add("probability", SQLDataTypes.VectorType(), false)
          .add("prediction", DataTypes.DoubleType, false);
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

  abstract StructType columns();

  /** Fills the cells from {@code at} on. */
  abstract void put(double[] outputs, Object[] row, int at);

  /** Adds these columns to a schema. */
  StructType addTo(StructType schema, boolean caseSensitive) {
    for (StructField added : columns().fields()) {
      for (String there : schema.fieldNames()) {
        if (caseSensitive ? there.equals(added.name()) : there.equalsIgnoreCase(added.name()))
          throw new IllegalArgumentException(
              "the data has a column '" + there + "' already: drop or rename it first");
      }
    }
    StructType all = schema;
    for (StructField added : columns().fields()) all = all.add(added);
    return all;
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
