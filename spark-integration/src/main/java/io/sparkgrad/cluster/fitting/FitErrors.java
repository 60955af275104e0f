package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.RunFailedException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;

/** Turns whatever ends a fit into what fit declares. */
final class FitErrors {
  /* Spark sets it on the thread that runs a streaming query, foreachBatch included. */
  private static final String STREAMING_QUERY = "sql.streaming.queryId";

  private FitErrors() {}

  /** A failed run; its cause is the user's exception with a short stack, or null. */
  static RunFailedException failed(String text, Throwable cause) {
    return new RunFailedException(text, cause == null ? null : UserError.shortened(cause));
  }

  /** What ended a fit outside of its training job, as fit may throw it. */
  static RuntimeException declared(Exception error, JavaSparkContext spark) {
    if (error instanceof RunFailedException known)
      return isStop(known.getCause())
          ? stopped(known.getMessage(), known.getCause(), spark)
          : known;
    if (error instanceof IllegalArgumentException known) return known;
    if (error instanceof IllegalStateException known) return known;
    if (error instanceof UncheckedIOException stopped && isInterruption(error.getCause()))
      return stopped;
    if (isInterruption(error))
      return stopped("fit was interrupted outside of its steps", error, spark);
    if (isCancelled(error))
      return stopped("Spark cancelled a job of the fit outside of its steps", error, spark);
    Throwable own = UserError.of(error);
    return failed("the rows cannot be read: " + UserError.text(own), own);
  }

  /**
   * An interruption, which stays set, or a cancelled job. Within a streaming query it is what Spark
   * takes for the end that its stop asks for.
   */
  private static RuntimeException stopped(String text, Throwable cause, JavaSparkContext spark) {
    if (isInterruption(cause)) Thread.currentThread().interrupt();
    if (spark.getLocalProperty(STREAMING_QUERY) != null) {
      InterruptedIOException stop = new InterruptedIOException(text);
      stop.initCause(cause);
      return new UncheckedIOException(stop);
    }
    return failed(text, cause);
  }

  private static boolean isStop(Throwable cause) {
    return cause != null && (isInterruption(cause) || isCancelled(cause));
  }

  private static boolean isInterruption(Throwable error) {
    return error instanceof InterruptedException || error instanceof InterruptedIOException;
  }

  /** Whether Spark gave a job up for executors that it lost, or for rows that lay there. */
  static boolean isLoss(Throwable reason) {
    String text = String.valueOf(reason.getMessage());
    return reason.getCause() == null
        && (text.contains("ExecutorLostFailure") || text.contains("FetchFailed"));
  }

  /** Whether Spark gave a job up for a task that failed by itself. */
  static boolean isOfTask(Throwable reason) {
    return !isLoss(reason) && String.valueOf(reason.getMessage()).contains("Lost task ");
  }

  static boolean isCancelled(Throwable reason) {
    return reason instanceof CancellationException
        || reason instanceof SparkException
            && String.valueOf(reason.getMessage()).contains("cancelled");
  }
}
