package io.sparkgrad.cluster.ingest;

import org.apache.spark.api.java.JavaSparkContext;

/**
 * Describes the jobs that the calling thread starts until it is closed, in Spark's UI and history.
 * What was set before is back then.
 */
public final class JobDescription implements AutoCloseable {
  private static final String PROPERTY = "spark.job.description";

  private final JavaSparkContext spark;
  private final String before; // null: none

  private JobDescription(JavaSparkContext spark) {
    this.spark = spark;
    this.before = spark.getLocalProperty(PROPERTY);
  }

  /** Describes jobs as ours: {@code sparkgrad: text}. */
  public static JobDescription of(JavaSparkContext spark, String text) {
    JobDescription description = new JobDescription(spark);
    spark.setLocalProperty(PROPERTY, "sparkgrad: " + text);
    return description;
  }

  @Override
  public void close() {
    spark.setLocalProperty(PROPERTY, before);
  }
}
