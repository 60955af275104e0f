package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Trains on more rows than the executors' memory holds, and says how many times more. */
public final class LargeData {
  private static final int WIDTH = 250;

  private LargeData() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    double gigabytes = options.number("gigabytes", 1);
    options.rejectUnknown();

    long rows = (long) (gigabytes * 1e9 / (WIDTH * Float.BYTES));
    try (SparkSession spark = SparkSession.builder().appName("large-data").getOrCreate()) {
      TrainingResult result = train(data(spark, rows));
      double memory = storageBytes(JavaSparkContext.fromSparkContext(spark.sparkContext())) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%,d rows of %d numbers: %.2f GB, %.1f times the %.2f GB that the executors may store%n",
          rows,
          WIDTH,
          gigabytes,
          gigabytes / memory,
          memory);
      System.out.printf(
          Locale.ROOT,
          "read in %.1f s, one epoch in %.1f s, loss %.4f%n",
          result.readSeconds(),
          result.seconds(),
          result.losses().get(0));
    }
  }

  private static TrainingResult train(Dataset<Row> data) {
    return SparkTrainer.of(() -> new Linear(WIDTH, 2))
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.1))
        .features("x")
        .label("y")
        .batchSize(4096)
        .workers(2)
        .fit(data);
  }

  private static Dataset<Row> data(SparkSession spark, long rows) {
    MapFunction<Long, Sample> make = Sample::new;
    return spark.range(0, rows, 1, 16).map(make, Encoders.bean(Sample.class)).toDF();
  }

  /** Noise, a little above 0 in one class and a little below in the other; a bean for Spark. */
  public static final class Sample implements Serializable {
    private static final long serialVersionUID = 1L;
    private float[] x = new float[WIDTH];
    private long y;

    public Sample() {}

    private Sample(long row) {
      SplittableRandom random = new SplittableRandom(row);
      y = row % 2;
      for (int i = 0; i < WIDTH; i++) x[i] = (random.nextInt() >> 8) * 0x1p-23f + (y - 0.5f) / 5;
    }

    public float[] getX() {
      return x;
    }

    public void setX(float[] x) {
      this.x = x;
    }

    public long getY() {
      return y;
    }

    public void setY(long y) {
      this.y = y;
    }
  }

  /** What Spark lets all executors keep of persisted data. */
  private static long storageBytes(JavaSparkContext spark) {
    int driver = SparkEnv.get().blockManager().blockManagerId().port();
    return Arrays.stream(spark.sc().statusTracker().getExecutorInfos())
        .filter(process -> spark.isLocal() || process.port() != driver)
        .mapToLong(SparkExecutorInfo::totalOnHeapStorageMemory)
        .sum();
  }
}
