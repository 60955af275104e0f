package io.sparkgrad.cluster.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Rows whose class depends on two numbers and a port: {@code features} (vector of two), {@code age}
 * and {@code fare}, {@code port} and {@code deck} (strings), {@code label} (double, 0 to 2), {@code
 * two} (double, 0 or 1), {@code price} (double), {@code w} (weight) and {@code held} (boolean).
 */
final class Passengers {
  static final StructType SCHEMA =
      new StructType()
          .add("features", SQLDataTypes.VectorType())
          .add("age", DataTypes.DoubleType)
          .add("fare", DataTypes.DoubleType)
          .add("port", DataTypes.StringType)
          .add("deck", DataTypes.StringType)
          .add("label", DataTypes.DoubleType)
          .add("two", DataTypes.DoubleType)
          .add("price", DataTypes.DoubleType)
          .add("w", DataTypes.DoubleType)
          .add("held", DataTypes.BooleanType);

  private static final String[] PORTS = {"south", "west", "north"};
  private static final String[] DECKS = {"a", "b"};

  private Passengers() {}

  static Dataset<Row> data(SparkSession spark, int rows) {
    Random random = new Random(7);
    List<Row> all = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      double age = 40 + 15 * random.nextGaussian();
      double fare = 300 + 100 * random.nextGaussian();
      int port = random.nextInt(3);
      int deck = random.nextInt(2);
      double score = (age - 40) / 15 + (fare - 300) / 100 + (port - 1) * 2;
      double label = score < -1 ? 0 : score < 1 ? 1 : 2;
      double two = score + (deck == 0 ? 1 : -1) > 0 ? 1 : 0;
      all.add(
          RowFactory.create(
              Vectors.dense(age, fare),
              age,
              fare,
              PORTS[port],
              DECKS[deck],
              label,
              two,
              score / 2,
              r % 3 + 0.5,
              r % 4 == 0));
    }
    return spark.createDataFrame(all, SCHEMA);
  }

  /** A classifier of three classes that learns quickly. */
  static NeuralClassifier classifier() {
    return new NeuralClassifier()
        .setCategoricalCols("port")
        .setFeaturesCol("features")
        .setNetwork(Networks.mlp(16))
        .setStepSize(0.01)
        .setMaxIter(15)
        .setBlockSize(32)
        .setNumWorkers(2)
        .setSeed(1);
  }
}
