package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.Uninterrupted;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Marks the Spark jobs that a fit runs on the thread that opened it: a description for Spark's
 * pages, and a tag by which all of them are cancelled, since Spark lets a job go on whose thread
 * was interrupted. Their group stays the caller's: that is how a notebook cancels a cell.
 */
final class FitJobs implements AutoCloseable {
  private static final AtomicInteger FITS = new AtomicInteger();
  private static final String DESCRIPTION = "spark.job.description";

  private final JavaSparkContext spark;
  private final String before;
  private final String name;
  private final String tag;

  private FitJobs(JavaSparkContext spark, int number, String label) {
    this.spark = spark;
    this.before = spark.getLocalProperty(DESCRIPTION);
    this.name = "sparkgrad fit %d of '%s': ".formatted(number, label);
    this.tag = "sparkgrad-fit-" + number;
    spark.addJobTag(tag);
  }

  /**
   * @param label the column that the fit learns, by which its user knows it
   */
  static FitJobs open(JavaSparkContext spark, String label) {
    return new FitJobs(spark, FITS.incrementAndGet(), label);
  }

  /** Describes the jobs from now on, say {@code "reads the training rows"}. */
  void describe(String doing) {
    spark.setJobDescription(name + doing);
  }

  @Override
  public void close() {
    if (spark.sc().isStopped()) return; // by whom the fit was ended; nothing is left to cancel
    Uninterrupted.run(
        () -> spark.cancelJobsWithTag(tag)); // those that an interrupt or an error left
    spark.removeJobTag(tag);
    spark.setJobDescription(before);
  }
}
