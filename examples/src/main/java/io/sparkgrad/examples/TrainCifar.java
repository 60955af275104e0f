package io.sparkgrad.examples;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.vision.CifarResNet;
import io.sparkgrad.optim.LinearLR;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A ResNet-20 learns to class CIFAR-10's images from random weights: batch norms on several
 * workers, images mirrored at random. {@code examples/benchmarks/cifar} is the same in PyTorch.
 */
public final class TrainCifar {
  private TrainCifar() {}

  /** Rows of pixels to scores; while it trains, half of the images are mirrored. */
  static final class Classifier extends Module {
    private static final long serialVersionUID = 1;

    final CifarResNet net = CifarResNet.resnet20(CifarRows.CLASSES);

    @Override
    public Tensor forward(Tensor pixels) {
      int n = pixels.size(0);
      Tensor images = pixels.view(n, 3, CifarRows.SIDE, CifarRows.SIDE);
      if (isTraining()) images = Tensor.rand(n, 1, 1, 1).lt(0.5).where(images.flip(3), images);
      return net.apply(images);
    }
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.string("data", "data"));
    int epochs = options.integer("epochs", 10);
    int batch = options.integer("batch", 128);
    double lr = options.number("lr", 0.1);
    int workers = options.integer("workers", 2);
    options.rejectUnknown();
    for (String file : new String[] {CifarRows.TRAIN, CifarRows.TEST})
      if (!Files.exists(folder.resolve(file)))
        throw new Options.Wrong(
            "there is no %s in %s: name by --data a folder with images of CIFAR-10's binary version"
                .formatted(file, folder));

    try (SparkSession spark = SparkSession.builder().appName("cifar").getOrCreate()) {
      Dataset<Row> train = CifarRows.read(spark, folder.resolve(CifarRows.TRAIN));
      Dataset<Row> test = CifarRows.read(spark, folder.resolve(CifarRows.TEST)).cache();
      int steps = (int) ((train.count() + batch - 1) / batch) * epochs;
      TrainingResult result =
          SparkTrainer.of(Classifier::new)
              .loss(Losses::crossEntropy)
              .metric("accuracy", Metrics::accuracy)
              .optimizer(
                  new SGD(lr).momentum(0.9).weightDecay(1e-4).schedule(new LinearLR(1, 0, steps)))
              .features("pixels")
              .label("label")
              .validate(test)
              .batchSize(batch)
              .epochs(epochs)
              .workers(workers)
              .printEpochs()
              .fit(train);
      TrainDigits.report(result);
      System.out.printf(
          Locale.ROOT, "test accuracy %.4f%n", result.metrics().get("accuracy").get(epochs - 1));
    }
  }
}
