package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.LinearLR;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/** MNIST, all of it: downloaded once, learned on the executors, tested on images never seen. */
public final class TrainMnist {
  private static final int TESTED_AT_ONCE = 1000;

  private TrainMnist() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int epochs = options.integer("epochs", 3);
    int images = options.integer("images", 0);
    int workers = options.integer("workers", 0);
    int batch = options.integer("batch", 64);
    double lr = options.number("lr", 0.1);
    int seed = options.integer("seed", 0);
    String cache = options.string("cache", "");
    String url = options.string("mnist-url", "");
    options.rejectUnknown();
    Path folder = Download.of("mnist", url).into(Download.cache(cache));
    Mnist train = Mnist.train(folder).first(images);

    try (SparkSession spark = SparkSession.builder().appName("mnist").getOrCreate()) {
      long steps = (train.count() + batch - 1L) / batch * epochs;
      long start = System.nanoTime();
      SparkTrainer trainer =
          SparkTrainer.of(
                  () -> new Sequential(new Linear(784, 100), new ReLU(), new Linear(100, 10)))
              .loss(Losses::crossEntropy)
              .optimizer(new SGD(lr).momentum(0.9).schedule(new LinearLR(1, 0, steps)))
              .features("pixels")
              .label("digit")
              .batchSize(batch)
              .epochs(epochs)
              .seed(seed)
              .onEpoch(
                  e ->
                      System.out.printf(
                          Locale.ROOT,
                          "epoch %d of %d  loss %.6f%n",
                          e.number(),
                          e.of(),
                          e.loss()));
      if (workers > 0) trainer.workers(workers);
      TrainingResult result = trainer.fit(train.load(spark));
      System.out.printf(
          Locale.ROOT,
          "read in %.1f s, trained in %.1f s%n",
          (System.nanoTime() - start) / 1e9 - result.seconds(),
          result.seconds());
      TrainDigits.report(result);
      System.out.printf(
          Locale.ROOT, "test accuracy %.4f%n", accuracy(result.model(), Mnist.test(folder)));
    }
  }

  private static double accuracy(Module model, Mnist test) {
    byte[] digits = test.digits().rows(0, test.count());
    int right = 0;
    try (var quiet = Grad.noGrad()) {
      for (int from = 0; from < digits.length; from += TESTED_AT_ONCE) {
        int to = Math.min(digits.length, from + TESTED_AT_ONCE);
        Tensor pixels = Tensor.of(test.pixels(from, to), to - from, Mnist.PIXELS);
        long[] predicted = model.forward(pixels).argmax(1).toLongs();
        for (int i = from; i < to; i++) if (predicted[i - from] == digits[i]) right++;
      }
    }
    return (double) right / digits.length;
  }
}
