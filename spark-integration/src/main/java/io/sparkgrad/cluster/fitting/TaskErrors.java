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
  private final CompletableFuture<Throwable> first = new CompletableFuture<>();

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.reason() instanceof Success$) return;
    Throwable error = error(event.reason());
    of(event.taskInfo().taskId()).complete(error);
    if (error != null) first.complete(error);
  }

  /** Waits for the end of a task that failed; null if it ended without an exception. */
  Throwable await(long task) throws InterruptedException {
    return await(of(task));
  }

  /** Waits for the exception of any task; null if none has one. */
  Throwable awaitAny() throws InterruptedException {
    return await(first);
  }

  private static Throwable await(CompletableFuture<Throwable> error) throws InterruptedException {
    try {
      return error.get(EVENT_MS, TimeUnit.MILLISECONDS);
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
