package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.TrainingRun;
import io.sparkgrad.cluster.ps.Recovery;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Kills executors again and again, at chosen moments of a step, and holds the weights against those
 * of a run that nobody disturbed. All processes must see this machine's folder of temporary files.
 */
public final class Soak {
  private static final int WORKERS = 4;
  private static final int MOST_REPEATED = 2; // steps a kill

  private Soak() {}

  /** Rows to learn from and to validate with, and the width of a row. */
  private record Data(Dataset<Row> train, Dataset<Row> validation, int pixels) {}

  public static void main(String[] args) throws Exception {
    Options options = Options.of(args);
    int kills = options.integer("kills", 100);
    int executors = options.integer("executors", 3);
    String name = options.string("data", "mnist");
    int epochs = options.integer("epochs", name.equals("mnist") ? 30 : 10);
    int seed = options.integer("seed", 0);
    String cache = options.string("cache", "");
    String url = options.string("mnist-url", "");
    options.rejectUnknown();

    Path folder = Files.createTempDirectory("soak");
    try (SparkSession spark = SparkSession.builder().appName("soak").getOrCreate()) {
      if (spark.sparkContext().isLocal())
        throw new IllegalArgumentException(
            "soak kills executors, and --master %s has none: take --master local-cluster[3,1,1024]"
                .formatted(spark.sparkContext().master()));
      Data data = data(spark, name, url, cache);
      Path calm = Files.createDirectory(folder.resolve("calm"));
      TrainingResult expected = trainer(data, calm, epochs).fit(data.train());
      print("undisturbed", expected);
      Path wild = Files.createDirectory(folder.resolve("wild"));
      Killer killer = new Killer(wild, executors, kills, expected.steps(), epochs, seed);
      spark.sparkContext().addSparkListener(killer.listener());
      TrainingRun run = trainer(data, wild, epochs).start(data.train());
      killer.kill(run);
      TrainingResult result = run.await();
      print("disturbed  ", result);
      report(result, killer);
      check(expected, result, killer, kills);
    } finally {
      delete(folder);
    }
  }

  private static Data data(SparkSession spark, String name, String url, String cache)
      throws IOException {
    if (name.equals("digits")) {
      Dataset<Row> digits = Digits.load(spark).cache();
      return new Data(Digits.train(digits), Digits.test(digits), 64);
    }
    if (!name.equals("mnist"))
      throw new IllegalArgumentException("--data is mnist or digits, not " + name);
    Path files = Download.of("mnist", url).into(Download.cache(cache));
    return new Data(Mnist.train(files).load(spark), Mnist.test(files).load(spark), Mnist.PIXELS);
  }

  private static SparkTrainer trainer(Data data, Path folder, int epochs) {
    String to = folder.toString();
    int pixels = data.pixels();
    return SparkTrainer.of(
            () ->
                Mortal.model(
                    to, new Sequential(new Linear(pixels, 100), new ReLU(), new Linear(100, 10))))
        .loss(Mortal.loss(to))
        .optimizer(new Mortal.Rule(to, 0.02))
        .features("pixels")
        .label("digit")
        .validate(data.validation())
        .metric("accuracy", Mortal.accuracy(to))
        .batchSize(64)
        .epochs(epochs)
        .workers(WORKERS);
  }

  private static void print(String what, TrainingResult r) {
    List<Double> accuracies = r.metrics().get("accuracy");
    System.out.printf(
        Locale.ROOT,
        "%s: %,d steps in %.1f s, accuracy %.4f, weights sha256 %s%n",
        what,
        r.steps(),
        r.seconds(),
        accuracies.get(accuracies.size() - 1),
        r.weightsSha256());
  }

  private static void report(TrainingResult result, Killer killer) {
    List<Recovery> losses = losses(result);
    double[] seconds = killer.seconds().stream().mapToDouble(s -> s).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "executors killed %d, jobs given up by Spark %d; recoveries %d, and %d times a task came or went%n",
        killer.kills(),
        killer.failedJobs(),
        losses.size(),
        result.recoveries().size() - losses.size());
    System.out.printf(
        Locale.ROOT,
        "steps repeated: %d in all, at most %d a recovery; seconds from a kill to the next step: median %.2f, worst %.2f%n",
        losses.stream().mapToLong(Recovery::repeated).sum(),
        mostRepeated(result),
        seconds[seconds.length / 2],
        seconds[seconds.length - 1]);
  }

  private static List<Recovery> losses(TrainingResult result) {
    return result.recoveries().stream().filter(r -> r.lost() > 0).toList();
  }

  private static long mostRepeated(TrainingResult result) {
    return losses(result).stream().mapToLong(Recovery::repeated).max().orElse(0);
  }

  private static void check(
      TrainingResult expected, TrainingResult result, Killer killer, int kills) {
    if (killer.kills() != kills)
      throw new IllegalStateException("killed %s of %s".formatted(killer.kills(), kills));
    if (!result.weightsSha256().equals(expected.weightsSha256()))
      throw new IllegalStateException("the weights are not those of the undisturbed run");
    if (mostRepeated(result) > MOST_REPEATED)
      throw new IllegalStateException("repeated " + mostRepeated(result) + " steps at once");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(p);
    }
  }
}
