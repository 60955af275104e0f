package io.sparkgrad.examples;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.files.TorchFile;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.vision.CifarResNet;
import io.sparkgrad.optim.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A ResNet that PyTorch trained is loaded from its checkpoint and frozen, its last layer replaced
 * by a new one, and that one trained on the cluster.
 */
public final class FineTune {
  private static final String CHECKPOINT = "resnet-cifar10/resnet20-12fca82f.th";

  private FineTune() {}

  /** The network, of which the last layer alone learns: activations of the others are not kept. */
  static final class LastLayer extends Module {
    private static final long serialVersionUID = 1;

    final CifarResNet net = CifarResNet.resnet20(CifarRows.CLASSES);

    LastLayer() {
      net.requiresGrad_(false);
      net.linear = new Linear(64, CifarRows.CLASSES);
    }

    @Override
    public Tensor forward(Tensor pixels) {
      try (var frozen = net.evaluating()) { // batch norms normalize as they were trained to
        return net.apply(pixels.reshape(pixels.size(0), 3, CifarRows.SIDE, CifarRows.SIDE));
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.string("data", "data"));
    int epochs = options.integer("epochs", 3);
    int batch = options.integer("batch", 100);
    int workers = options.integer("workers", 2);
    options.rejectUnknown();
    for (String file : new String[] {CHECKPOINT, CifarRows.TRAIN, CifarRows.TEST})
      if (!Files.exists(folder.resolve(file)))
        throw new Options.Wrong(
            "there is no %s in %s: name by --data a folder with akamaster/pytorch_resnet_cifar10's checkpoint and images of CIFAR-10's binary version"
                .formatted(file, folder));

    LastLayer model = new LastLayer();
    Module learns = model.net.linear;
    model.net.linear = new Linear(64, CifarRows.CLASSES); // takes the checkpoint's last layer
    var trained = TorchFile.read(folder.resolve(CHECKPOINT)).stateDict();
    model.net.loadStateDict(TorchFile.withoutPrefix(trained, "module."), false);
    model.net.linear = learns;

    try (SparkSession spark = SparkSession.builder().appName("resnet-finetune").getOrCreate()) {
      Dataset<Row> test = CifarRows.read(spark, folder.resolve(CifarRows.TEST)).cache();
      TrainingResult result =
          SparkTrainer.of(LastLayer::new)
              .warmStart(model)
              .loss(Losses::crossEntropy)
              .metric("accuracy", Metrics::accuracy)
              .optimizer(new Adam(0.003))
              .features("pixels")
              .label("label")
              .validate(test)
              .batchSize(batch)
              .epochs(epochs)
              .workers(workers)
              .printEpochs()
              .fit(CifarRows.read(spark, folder.resolve(CifarRows.TRAIN)));
      TrainDigits.report(result);
      long right =
          result.classify(test).select("label", "prediction").collectAsList().stream()
              .filter(r -> r.getInt(0) == ((Number) r.get(1)).intValue())
              .count();
      System.out.printf(
          Locale.ROOT,
          "frozen parameters %d, trained %d%n",
          count(model, false),
          count(model, true));
      System.out.printf(Locale.ROOT, "test images right %d of %d%n", right, test.count());
    }
  }

  private static long count(Module model, boolean trained) {
    return model.namedParameters().values().stream()
        .filter(p -> p.requiresGrad() == trained)
        .mapToLong(Tensor::numel)
        .sum();
  }
}
