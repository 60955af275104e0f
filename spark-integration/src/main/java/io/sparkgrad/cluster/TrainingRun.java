package io.sparkgrad.cluster;

import io.sparkgrad.cluster.fitting.Epoch;
import io.sparkgrad.cluster.fitting.Fit;
import io.sparkgrad.cluster.fitting.Progress;
import io.sparkgrad.cluster.notebook.Display;
import io.sparkgrad.cluster.trained.TrainingFacts;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A fit that runs on a thread of its own, started by {@link SparkTrainer#start}. Its Spark jobs are
 * in the job group of the thread that started it: cancelling that group ends it. Thread-safe.
 *
 * <pre>{@code
 * TrainingRun run = trainer.start(train);
 * run.progress();                       // training: epoch 3 of 40, step 51 of 920, loss 0.1234, ...
 * run.stop();                           // what it has learned so far is enough
 * TrainingResult result = run.await();
 * }</pre>
 *
 * <p>Cancelling a notebook's cell that only waits for a run of another cell has no effect, as Spark
 * has no job of that cell: {@link #cancel} does it.
 *
 * <p>The thread ends with the JVM: a program waits before its {@code main} ends. A copy that was
 * sent elsewhere is empty.
 */
public final class TrainingRun implements Serializable {
  private static final long serialVersionUID = 1L;

  private final transient Fit fit;
  private final transient FutureTask<TrainingResult> task;
  private final transient Thread thread;

  private TrainingRun(Fit fit) {
    this.fit = fit;
    this.task = new FutureTask<>(() -> SparkTrainer.result(fit));
    this.thread = new Thread(task, "sparkgrad-fit");
    thread.setDaemon(true);
  }

  static TrainingRun start(Fit fit) {
    TrainingRun run = new TrainingRun(fit);
    run.thread.start();
    return run;
  }

  /** Where it is now. */
  public Progress progress() {
    return here().progress();
  }

  /** The finished epochs, the first one first. */
  public List<Epoch> history() {
    return here().history().epochs();
  }

  /** The epochs so far as a table, ready to print; see {@link TrainingResult#table}. */
  public String table() {
    return Display.table(here().history().series());
  }

  /** The chart and the table so far as HTML; see {@link TrainingResult#html}. */
  public String html() {
    return Display.html(here().history().series(), TrainingFacts.LOSSES);
  }

  /** The curves so far; see {@link TrainingResult#svg}. */
  public String svg() {
    return Display.svg(here().history().series(), TrainingFacts.LOSSES);
  }

  /**
   * Asks it to end at the next step, with a result, and returns at once: {@link #await} gives the
   * result. At least one step is done; the epoch may be cut short. Without effect after the end.
   */
  public void stop() {
    here().stop();
  }

  /** Ends it within a second, without a result. Without effect after the end. */
  public void cancel() {
    here();
    thread.interrupt();
  }

  /** Whether it has ended, well or not. */
  public boolean isDone() {
    here();
    return task.isDone();
  }

  /**
   * Waits for the end. The same result, or exception, at each call. If the waiting thread is
   * interrupted the run is cancelled.
   *
   * @throws TrainingException if the run failed or was cancelled; the text names the first cause
   * @throws IllegalArgumentException as {@link SparkTrainer#fit}
   */
  public TrainingResult await() {
    here();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
          cancel();
        }
      }
    } catch (ExecutionException e) {
      throw asThrown(e.getCause());
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  /* The stack stays that of the run's thread, where it happened. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException asThrown(Throwable t) throws E {
    throw (E) t;
  }

  private Fit here() {
    if (fit == null)
      throw new IllegalStateException(
          "a copy of a TrainingRun that was sent elsewhere knows nothing: ask the one on the driver");
    return fit;
  }

  @Override
  public String toString() {
    return "TrainingRun(%s)".formatted(fit == null ? "elsewhere" : fit.progress());
  }
}
