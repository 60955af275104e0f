package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.fitting.Processor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The main job: a perceptron learns handwritten digits on every executor of a cluster at once. */
public final class TrainDigits {
  private TrainDigits() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int epochs = options.integer("epochs", 40);
    int workers = options.integer("workers", 0);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("digits").getOrCreate()) {
      Dataset<Row> digits = Digits.load(spark);
      SparkTrainer trainer =
          SparkTrainer.of(() -> new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)))
              .loss(Losses::crossEntropy)
              .optimizer(new SGD(0.1).momentum(0.9))
              .features("pixels")
              .label("digit")
              .rowOrder("row")
              .batchSize(64)
              .epochs(epochs)
              .onEpoch(
                  e ->
                      System.out.printf(
                          Locale.ROOT,
                          "epoch %d of %d  loss %.6f%n",
                          e.number(),
                          e.of(),
                          e.loss()));
      if (workers > 0) trainer.workers(workers);
      TrainingResult result = trainer.fit(Digits.train(digits));
      report(result);
      System.out.printf(
          Locale.ROOT,
          "test accuracy %.4f%n",
          accuracy(result.model(), Digits.test(digits).collectAsList()));
    }
  }

  static void report(TrainingResult result) {
    System.out.printf(
        Locale.ROOT,
        "%d workers (pin with --workers %d), %d steps, %.1f s, %.0f rows/s%n",
        result.workers(),
        result.workers(),
        result.steps(),
        result.seconds(),
        result.rowsPerSecond());
    System.out.printf(
        Locale.ROOT,
        "a step: compute %.3f ms, synchronise %.3f ms (medians)%n",
        result.medianComputeMillis(),
        result.medianSyncMillis());
    if (result.optimalWireBytes() == 0 || result.wireBytes() == 0)
      System.out.println("wire bytes 0: one process");
    else
      System.out.printf(
          Locale.ROOT,
          "wire bytes %d, optimum %d, ratio %.4f; for backups besides %d%n",
          result.wireBytes(),
          result.optimalWireBytes(),
          (double) result.wireBytes() / result.optimalWireBytes(),
          result.backupWireBytes());
    for (Processor p : result.processors()) System.out.println(p);
    System.out.println("weights sha256 " + result.weightsSha256());
  }

  static double accuracy(Module model, List<Row> test) {
    float[] pixels = new float[test.size() * 64];
    long[] digits = new long[test.size()];
    for (int i = 0; i < digits.length; i++) {
      List<Float> row = test.get(i).getList(test.get(i).fieldIndex("pixels"));
      for (int p = 0; p < 64; p++) pixels[i * 64 + p] = row.get(p);
      digits[i] = test.get(i).getInt(test.get(i).fieldIndex("digit"));
    }
    try (var quiet = Grad.noGrad()) {
      Tensor predicted = model.forward(Tensor.of(pixels, digits.length, 64)).argmax(1);
      return predicted.eq(Tensor.of(digits, digits.length)).sum().item() / digits.length;
    }
  }
}
