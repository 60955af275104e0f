package io.sparkgrad.examples;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Says what Spark it runs on, then adds up numbers on all of it. */
public final class SparkInfo {
  private static final int TERMS = 1000;

  private SparkInfo() {}

  public static void main(String[] args) throws Exception {
    Options options = Options.of(args);
    int wanted = options.integer("executors", 0);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("spark-info").getOrCreate()) {
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      awaitExecutors(context, wanted);
      // A task says where it ran; the first field is its share of the sum.
      List<String[]> parts =
          context
              .parallelize(
                  IntStream.rangeClosed(1, TERMS).boxed().toList(), context.defaultParallelism())
              .glom()
              .map(
                  part ->
                      new String[] {
                        String.valueOf(part.stream().mapToInt(Integer::intValue).sum()),
                        SparkEnv.get().executorId() + " (Java " + Runtime.version() + ")"
                      })
              .collect();

      System.out.println("spark      " + spark.version());
      System.out.println("scala      " + scala.util.Properties.versionNumberString());
      System.out.println("java       " + Runtime.version());
      System.out.println("master     " + context.master());
      System.out.println("executors  " + executors(context));
      System.out.println(
          "tasks ran  on "
              + parts.stream()
                  .map(p -> p[1])
                  .sorted()
                  .distinct()
                  .collect(Collectors.joining(", ")));
      System.out.println(
          "sum        " + parts.stream().mapToInt(p -> Integer.parseInt(p[0])).sum());
    }
  }

  /** Executors of a cluster join one by one; a test may want them all. */
  private static void awaitExecutors(JavaSparkContext context, int wanted)
      throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L; // 60 s
    while (executors(context) < wanted) {
      if (System.nanoTime() > deadline)
        throw new IllegalStateException(
            "waited 60 s for " + wanted + " executors, have " + executors(context));
      Thread.sleep(50);
    }
  }

  /** All but the driver, which Spark counts too; in local mode the driver is the only one. */
  private static int executors(JavaSparkContext context) {
    int processes = context.sc().statusTracker().getExecutorInfos().length;
    return context.isLocal() ? processes : processes - 1;
  }
}
