package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.Uninterrupted;
import io.sparkgrad.cluster.ps.PsDriver;
import io.sparkgrad.cluster.ps.RunFailedException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks of a run as a Spark job, and as another one where Spark gives a job up that lost too
 * many executors, but the run goes on. Says why a run ended, whoever noticed first.
 */
final class RunTasks {
  /** What the driver does while it waits. */
  interface Watch {
    void look() throws InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(RunTasks.class);
  private static final long POLL_MS = 50;
  private static final long LOG_WAITING_MS = 10_000;
  private static final long CAUSE_MS = 10_000; // for the coordinator to name a failed job's cause

  private final JavaSparkContext spark;
  private final PsDriver ps;
  private final Watch watch;
  private final TaskErrors errors = new TaskErrors();

  RunTasks(JavaSparkContext spark, PsDriver ps, Watch watch) {
    this.spark = spark;
    this.ps = ps;
    this.watch = watch;
  }

  /**
   * Runs the tasks until the run is over.
   *
   * @return what the last job's tasks returned; nothing if they were lost with their job
   * @throws RunFailedException with the first cause
   */
  <T> List<T> run(JavaRDD<T> tasks) throws InterruptedException {
    SparkListener executors = new ExecutorWatch(ps);
    spark.sc().addSparkListener(executors);
    spark.sc().addSparkListener(errors);
    try {
      List<T> returned = null;
      while (returned == null) {
        int losses = ps.losses();
        returned = await(tasks.collectAsync(), losses);
        if (returned == null && ps.finished().isDone()) returned = List.of();
      }
      ps.finished().join();
      return returned;
    } finally {
      spark.sc().removeSparkListener(executors);
      spark.sc().removeSparkListener(errors);
    }
  }

  /** Reports to the run that Spark lost an executor, and why. */
  private static final class ExecutorWatch extends SparkListener {
    private final PsDriver ps;

    ExecutorWatch(PsDriver ps) {
      this.ps = ps;
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      ps.executorLost(event.executorId(), event.reason());
    }
  }

  /**
   * Waits for the job; null if Spark gave it up for the executors that it lost, too many for one
   * job, though the run goes on or is over.
   *
   * @param losses of executors before the job
   */
  private <T> T await(Future<T> job, int losses) throws InterruptedException {
    long start = System.nanoTime();
    boolean logged = false;
    try {
      while (true) {
        watch.look();
        if (ps.finished().isCompletedExceptionally()) throw cause();
        long waitedMs = (System.nanoTime() - start) / 1_000_000;
        if (!logged && waitedMs > LOG_WAITING_MS && ps.finishedSteps() == 0) {
          logged = true;
          LOG.warn(
              "no step is done after {} s: Spark may be busy with other jobs, or the first step is long",
              waitedMs / 1000);
        }
        try {
          return job.get(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stillRunning) {
          continue;
        }
      }
    } catch (InterruptedException e) {
      String text = "fit was interrupted at " + reached();
      ps.fail(text);
      throw new RunFailedException(text, e);
    } catch (ExecutionException | CancellationException e) {
      RunFailedException ended = jobEnded(e, losses);
      if (ended != null) throw ended;
      LOG.warn("Spark gave the job of the run up, which goes on in another one", e);
      return null;
    } catch (RunFailedException e) {
      ps.fail(e.getMessage());
      throw e;
    } finally {
      Uninterrupted.run(() -> job.cancel(true));
    }
  }

  /**
   * Says why Spark ended the job: by the run's failure if it failed, else by the exception of a
   * task that could not take part, else by Spark's own reason; null if only executors were lost, so
   * that the run goes on, or had its result before.
   */
  private RunFailedException jobEnded(Exception e, int losses) throws InterruptedException {
    Throwable reason = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (FitErrors.isCancelled(reason)) {
      String text = "Spark cancelled the job of the run at " + reached();
      ps.fail(text);
      return new RunFailedException(text, reason);
    }
    Throwable error = reason.getCause(); // of a task
    if (error == null && FitErrors.isOfTask(reason)) error = errors.awaitAny();
    // The run hears of executors that Spark lost, and of the failure of a task that took part; why
    // others ended it is to be told.
    boolean told = FitErrors.isLoss(reason) || error instanceof RunFailedException;
    if ((told || error == null) && goesOn(losses, told ? CAUSE_MS : 0)) return null;
    if (ps.finished().isCompletedExceptionally()) return cause();
    String why = UserError.text(error == null ? reason : error);
    ps.fail(why);
    return FitErrors.failed(
        "%s; Spark ended the job of the run at %s".formatted(why, reached()), error);
  }

  private String reached() {
    return FitLog.at(ps.spec(), ps.finishedSteps());
  }

  /** Whether the run has its result, or lost executors in the job and goes on without them. */
  private boolean goesOn(int losses, long mostMs) throws InterruptedException {
    for (long waitedMs = 0; waitedMs <= mostMs; waitedMs += POLL_MS) {
      if (ps.losses() > losses && !ps.finished().isDone()) return true;
      try {
        ps.finished().get(POLL_MS, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException none) {
        continue;
      } catch (ExecutionException failed) {
        return false;
      }
    }
    return false;
  }

  /** The run's failure, by the exception of the task that failed first. */
  private RunFailedException cause() throws InterruptedException {
    RunFailedException failure;
    try {
      ps.finished().join();
      throw new IllegalStateException("the run did not fail");
    } catch (CompletionException e) {
      failure = (RunFailedException) e.getCause();
    }
    Throwable error =
        failure.task() == RunFailedException.NO_TASK ? null : errors.await(failure.task());
    boolean named = error instanceof RunFailedException; // by its text
    return FitErrors.failed(failure.getMessage(), named ? null : error);
  }
}
