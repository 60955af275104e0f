package io.sparkgrad.cluster.fitting;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.Success$;
import org.apache.spark.TaskEndReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Collects the exceptions of failed tasks, as Spark brings them to the driver. Thread-safe. */
final class TaskErrors extends SparkListener {
  private static final long EVENT_MS = 5_000; // from a task's report to Spark's event of its end

  private final Map<Long, CompletableFuture<Throwable>> byTask = new ConcurrentHashMap<>();

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.reason() instanceof Success$) return;
    of(event.taskInfo().taskId()).complete(error(event.reason()));
  }

  /** Waits for the end of a task that failed; null if it ended without an exception. */
  Throwable await(long task) throws InterruptedException {
    try {
      return of(task).get(EVENT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return null;
    }
  }

  private CompletableFuture<Throwable> of(long task) {
    return byTask.computeIfAbsent(task, t -> new CompletableFuture<>());
  }

  private static Throwable error(TaskEndReason reason) {
    if (!(reason instanceof ExceptionFailure failure)) return null;
    if (failure.exception().isDefined()) return failure.exception().get();
    // It could not be serialized, or the driver does not have its class.
    Throwable standIn = new Exception(failure.className() + ": " + failure.description());
    standIn.setStackTrace(failure.stackTrace());
    return standIn;
  }
}
