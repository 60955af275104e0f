package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.Uninterrupted;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Marks the Spark jobs that a fit runs on the thread that opened it: a description for Spark's
 * pages, and a tag by which all of them are cancelled, since Spark lets a job go on whose thread
 * was interrupted. Their group stays the caller's: that is how a notebook cancels a cell.
 */
final class FitJobs implements AutoCloseable {
  private static final AtomicInteger FITS = new AtomicInteger();
  private static final String TAG = "sparkgrad-fit-";
  /* The tags of the fits that a thread has opened: one within another, in a listener. */
  private static final ThreadLocal<Set<String>> OPEN = ThreadLocal.withInitial(HashSet::new);
  private static final String DESCRIPTION = "spark.job.description";

  private final JavaSparkContext spark;
  private final String before;
  private final String name;
  private final String tag;
  private boolean done;

  private FitJobs(JavaSparkContext spark, int number, String label) {
    this.spark = spark;
    this.before = spark.getLocalProperty(DESCRIPTION);
    this.name = "sparkgrad fit %d of '%s': ".formatted(number, label);
    this.tag = TAG + number;
    forgetOthers();
    OPEN.get().add(tag);
    spark.addJobTag(tag);
  }

  /* A thread that was started during a fit, as by a pool, has that fit's tag: Spark hands it on. */
  private void forgetOthers() {
    for (String other : spark.getJobTags())
      if (other.startsWith(TAG) && !OPEN.get().contains(other)) spark.removeJobTag(other);
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

  /** Says that all jobs have ended: none is left to cancel. */
  void done() {
    done = true;
  }

  @Override
  public void close() {
    OPEN.get().remove(tag);
    if (spark.sc().isStopped()) return; // by whom the fit was ended; nothing is left to cancel
    // An interrupt or an error may have left some.
    if (!done) Uninterrupted.run(() -> spark.cancelJobsWithTag(tag));
    spark.removeJobTag(tag);
    spark.setJobDescription(before);
  }
}
