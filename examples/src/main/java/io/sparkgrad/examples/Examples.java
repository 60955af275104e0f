package io.sparkgrad.examples;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The list behind {@code examples/run}. A new example is one file with a main, and one line here.
 */
public final class Examples {
  /** A name for the command line, the class whose main runs, and what it shows. */
  record Example(String name, Class<?> main, String description) {}

  static final List<Example> ALL =
      List.of(
          new Example(
              "digits",
              TrainDigits.class,
              "the main job: a net learns handwritten digits on a cluster"),
          new Example(
              "mnist",
              TrainMnist.class,
              "the real MNIST, downloaded once: 60,000 images learned, 10,000 tested"),
          new Example(
              "adult",
              Adult.class,
              "strings, numbers and gaps: a DeepFM beside MLlib's classifiers"),
          new Example(
              "adult-pipeline",
              AdultPipeline.class,
              "the same by Spark ML: Pipeline, CrossValidator, saved and loaded"),
          new Example(
              "autoencoder",
              Autoencoder.class,
              "digits through a narrow layer, without a label, beside principal components"),
          new Example(
              "deepfm",
              Flights.class,
              "three million flights: a DeepFM whose tables stay rows beside a linear model"),
          new Example(
              "cifar",
              TrainCifar.class,
              "a ResNet-20 from random weights, with batch norms and mirrored images"),
          new Example(
              "resnet-finetune",
              FineTune.class,
              "a ResNet that PyTorch trained: loaded, frozen, its last layer replaced and trained"),
          new Example(
              "autograd-tutorial",
              AutogradTutorial.class,
              "PyTorch's first autograd tutorial, each statement with its output"),
          new Example(
              "autograd-readme",
              ReadmeTutorial.class,
              "requiresGrad, detach, noGrad and a gradient, as a README tells it"),
          new Example(
              "autograd-notebook",
              NotebookTutorial.class,
              "sums, integers, non-leaves and modes of recording, as a notebook tells it"),
          new Example(
              "autograd-variable",
              VariableTutorial.class,
              "PyTorch's tutorial of the time of Variable"),
          new Example(
              "two-layer", TwoLayer.class, "PyTorch's two-layer net, line by line, without Spark"),
          new Example(
              "sync-cost",
              SyncCost.class,
              "measures what a synchronous step costs beyond its gradients"),
          new Example(
              "soak", Soak.class, "kills executors while they train, and compares the weights"),
          new Example("data-cost", DataCost.class, "measures what workers cost, and reading rows"),
          new Example("memory", Memory.class, "measures the bytes that a training step allocates"),
          new Example("ugly-data", UglyData.class, "digits sorted by label, in skewed partitions"),
          new Example(
              "large-data",
              LargeData.class,
              "trains on more rows than the executors' memory holds"),
          new Example(
              "spark-info",
              SparkInfo.class,
              "asks a cluster for its versions and executors, and runs one small job"));

  private Examples() {}

  /** Prints the list; given a name, prints the class to run, or exits with 2 if there is none. */
  public static void main(String[] args) {
    if (args.length == 0) {
      System.out.print(list());
      return;
    }
    Optional<Example> example = ALL.stream().filter(e -> e.name().equals(args[0])).findFirst();
    if (example.isPresent()) {
      System.out.println(example.get().main().getName());
      return;
    }
    System.err.println(
        "no example named " + args[0] + "; did you mean " + nearest(args[0]).name() + "?\n");
    System.err.print(list());
    System.exit(2);
  }

  static String list() {
    StringBuilder text =
        new StringBuilder("usage: examples/run NAME [--spark V] [--master M] [--gpu G]");
    text.append(" [--driver emulated] [--conf k=v ...] [--option value ...]\n\n");
    for (Example e : ALL) text.append(String.format("  %-17s %s%n", e.name(), e.description()));
    return text.toString();
  }

  static Example nearest(String typed) {
    return ALL.stream().min(Comparator.comparingInt(e -> distance(typed, e.name()))).orElseThrow();
  }

  /** Levenshtein's: how many characters must be added, dropped or changed. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) row[j] = j;
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
