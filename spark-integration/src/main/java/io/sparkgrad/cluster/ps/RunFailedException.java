package io.sparkgrad.cluster.ps;

/** A run ended without a result; the message names the first cause, not what followed from it. */
public final class RunFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** No task of the run's. */
  public static final long NO_TASK = -1;

  private final long task;
  private final boolean elsewhere;

  public RunFailedException(String message) {
    this(message, null);
  }

  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
    this.task = NO_TASK;
    this.elsewhere = false;
  }

  /** The failure that a task reported. */
  RunFailedException(String message, long task) {
    super(message);
    this.task = task;
    this.elsewhere = false;
  }

  private RunFailedException(String message, Throwable cause, long task) {
    super(message, cause, false, false);
    this.task = task;
    this.elsewhere = true;
  }

  /** What ends the other tasks of the run. */
  static RunFailedException elsewhere(RunFailedException known) {
    return new RunFailedException(known.getMessage(), known, known.task);
  }

  /** The same in one line without the text, which the driver has: for the log of each task. */
  public RunFailedException brief() {
    return new RunFailedException("the run failed elsewhere", null, task);
  }

  /** Spark's id of the task that failed first; {@link #NO_TASK} where no task did. */
  public long task() {
    return task;
  }

  /** Whether this follows from a failure elsewhere, which the driver knows. */
  public boolean isElsewhere() {
    return elsewhere;
  }
}
