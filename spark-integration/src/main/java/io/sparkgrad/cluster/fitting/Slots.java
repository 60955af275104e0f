package io.sparkgrad.cluster.fitting;

import org.apache.spark.api.java.JavaSparkContext;

/** Counts the tasks that Spark may run at once. */
final class Slots {
  private Slots() {}

  static int of(JavaSparkContext spark) {
    int cores =
        spark.defaultParallelism(); // all cores, unless a user set another number for shuffles
    if (spark.getConf().contains("spark.default.parallelism")) {
      int executors =
          spark.sc().statusTracker().getExecutorInfos().length
              - (spark.isLocal() ? 0 : 1); // the driver is one
      cores = Math.max(1, executors) * spark.getConf().getInt("spark.executor.cores", 1);
    }
    return Math.max(1, cores / Math.max(1, spark.getConf().getInt("spark.task.cpus", 1)));
  }

  /** The smallest power of two that is not below n. */
  static int powerOfTwo(int n) {
    int p = Integer.highestOneBit(n);
    return p == n ? p : p << 1;
  }
}
