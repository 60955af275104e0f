package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Tanh;
import io.sparkgrad.optim.Adam;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A net learns to give back its input through a narrow layer: handwritten digits in a few numbers,
 * beside MLlib's principal components, the best linear map through as many.
 */
public final class Autoencoder {
  private static final int PIXELS = 64;

  private Autoencoder() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int epochs = options.integer("epochs", 100);
    int width = options.integer("width", 8);
    int workers = options.integer("workers", 2);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("autoencoder").getOrCreate()) {
      Dataset<Row> digits = Digits.load(spark);
      Dataset<Row> train = Digits.train(digits);
      TrainingResult result =
          SparkTrainer.of(
                  () ->
                      new Sequential(
                          new Linear(PIXELS, 64),
                          new Tanh(),
                          new Linear(64, width),
                          new Linear(width, 64),
                          new Tanh(),
                          new Linear(64, PIXELS)))
              .loss(Losses::mse)
              .optimizer(new Adam(3e-3))
              .features("pixels")
              .label() // there is none: the output is compared with the input
              .rowOrder("row")
              .batchSize(64)
              .epochs(epochs)
              .workers(workers)
              .fit(train);
      TrainDigits.report(result);
      List<Row> test = result.predict(Digits.test(digits)).collectAsList();
      report("autoencoder of width " + width, test, row -> numbers(row, "prediction"));
      Components linear = Components.of(train, width);
      report(width + " principal components", test, row -> linear.through(numbers(row, "pixels")));
    }
  }

  private interface Restored {
    double[] of(Row row);
  }

  private static void report(String name, List<Row> rows, Restored restored) {
    double squares = 0;
    for (Row row : rows) {
      double[] pixels = numbers(row, "pixels");
      double[] back = restored.of(row);
      for (int i = 0; i < PIXELS; i++) squares += (back[i] - pixels[i]) * (back[i] - pixels[i]);
    }
    System.out.printf(
        Locale.ROOT, "%s: test error %.5f (mean square)%n", name, squares / rows.size() / PIXELS);
  }

  private static double[] numbers(Row row, String column) {
    List<Float> cell = row.getList(row.fieldIndex(column));
    return cell.stream().mapToDouble(f -> f).toArray();
  }

  /**
   * MLlib's principal components of centred rows.
   *
   * @param mean of the rows, {@code [64]}
   * @param axes {@code [64, width]}
   */
  private record Components(double[] mean, DenseMatrix axes) {
    static Components of(Dataset<Row> train, int width) {
      double[] mean = new double[PIXELS];
      List<Row> rows = train.collectAsList();
      for (Row row : rows) {
        double[] pixels = numbers(row, "pixels");
        for (int i = 0; i < PIXELS; i++) mean[i] += pixels[i] / rows.size();
      }
      Dataset<Row> vectors =
          train.withColumn("vector", functions.array_to_vector(train.col("pixels")));
      DenseMatrix axes =
          new PCA().setInputCol("vector").setOutputCol("parts").setK(width).fit(vectors).pc();
      return new Components(mean, axes);
    }

    double[] through(double[] pixels) {
      double[] back = mean.clone();
      for (int k = 0; k < axes.numCols(); k++) {
        double part = 0;
        for (int i = 0; i < PIXELS; i++) part += axes.apply(i, k) * (pixels[i] - mean[i]);
        for (int i = 0; i < PIXELS; i++) back[i] += axes.apply(i, k) * part;
      }
      return back;
    }
  }
}
