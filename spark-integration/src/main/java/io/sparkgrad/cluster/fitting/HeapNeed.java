package io.sparkgrad.cluster.fitting;

import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The memory that a run takes for its parameters in one JVM, from the counts of copies that it
 * holds at once. Rows and the values between a model's layers come on top: Spark writes rows to
 * disk where memory is short.
 *
 * @param parameters count of numbers, 4 bytes each
 * @param copies of all of them
 * @param text where the copies come from
 */
record HeapNeed(long parameters, double copies, String text) {
  private static final long SPARKS_OWN = 256L << 20;

  /**
   * An executor's: the weights that its tasks read and the first ones as they were sent; for each
   * task the gradients of the tape and the array of them that is pushed; the pushes and answers on
   * their way, encoded, and the sums that others sent; of its segments, and of those for which it
   * is the backup, the last three versions, the next, one that may be the result, and the
   * optimizer's slots. Of tables that are kept as rows: the weights and the first ones, each task's
   * model as it was made, and the newest version of segments with their slots.
   */
  static HeapNeed ofExecutor(long parameters, long rows, int slots, int tasks, int executors) {
    double holders = executors == 1 ? 1 : 2;
    HeapNeed dense = ofExecutor(parameters - rows, slots, tasks, executors);
    return dense.withRows(rows, 2 + tasks + holders * (1.0 + slots) / executors);
  }

  /** With so many numbers more, of tables that are kept as rows. */
  private HeapNeed withRows(long rows, double copiesOfRows) {
    if (rows == 0) return this;
    double all = parameters * copies + rows * copiesOfRows;
    return new HeapNeed(
        parameters + rows,
        all / (parameters + rows),
        String.format(
            Locale.ROOT, "%s; of %,d numbers in tables of rows %.1f", text, rows, copiesOfRows));
  }

  private static HeapNeed ofExecutor(long parameters, int slots, int tasks, int executors) {
    double segments = (executors == 1 ? 1 : 2) * (5.0 + slots) / executors;
    return new HeapNeed(
        parameters,
        2 + 2 * tasks + 3 + segments,
        String.format(
            Locale.ROOT,
            "weights 2, gradients 2 for each of %d tasks, messages 3, segments %.1f",
            tasks,
            segments));
  }

  /** The driver's: its model, the first weights, and the result as bytes, in parts and joined. */
  static HeapNeed ofDriver(long parameters) {
    return new HeapNeed(parameters, 5, "model 1, first weights 1, result 3");
  }

  /** Of both in one JVM, which sends no messages. */
  static HeapNeed ofLocal(long parameters, long rows, int slots, int tasks) {
    return ofLocal(parameters - rows, slots, tasks).withRows(rows, 5 + 1 + tasks + 1 + slots);
  }

  private static HeapNeed ofLocal(long parameters, int slots, int tasks) {
    return new HeapNeed(
        parameters,
        5 + 1 + 2 * tasks + 5 + slots,
        "driver 5, weights 1, gradients 2 for each of %d tasks, segments %d"
            .formatted(tasks, 5 + slots));
  }

  /**
   * Checks what a fit needs against the heaps that Spark gives it.
   *
   * @param rows how many of the parameters are in tables that are kept as rows
   * @param slots of the optimizer
   * @param tasks of the run, at most
   * @throws IllegalArgumentException with the sum and the setting to raise
   */
  static void check(JavaSparkContext spark, long parameters, long rows, int slots, int tasks) {
    long driver = Runtime.getRuntime().maxMemory();
    if (spark.isLocal()) {
      ofLocal(parameters, rows, slots, tasks).check("this JVM", driver, "spark.driver.memory");
      return;
    }
    int infos = spark.sc().statusTracker().getExecutorInfos().length;
    int executors = Math.max(1, infos - 1); // the driver is one
    int each = (tasks + executors - 1) / executors;
    ofExecutor(parameters, rows, slots, each, executors)
        .check("an executor", (long) spark.sc().executorMemory() << 20, "spark.executor.memory");
    ofDriver(parameters).check("the driver", driver, "spark.driver.memory");
  }

  long bytes() {
    return (long) (parameters * copies * Float.BYTES) + SPARKS_OWN;
  }

  void check(String who, long heap, String setting) {
    if (bytes() <= heap) return;
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%,d parameters need %s of heap in %s, which has %s: %.1f copies of %s (%s) and %s for Spark. Set %s=%dm or more.",
            parameters,
            megabytes(bytes()),
            who,
            megabytes(heap),
            copies,
            megabytes(parameters * Float.BYTES),
            text,
            megabytes(SPARKS_OWN),
            setting,
            bytes() * 5 / 4 >> 20));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", (bytes + (1 << 20) - 1) >> 20);
  }
}
