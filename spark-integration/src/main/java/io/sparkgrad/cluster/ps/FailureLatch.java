package io.sparkgrad.cluster.ps;

import java.util.function.BooleanSupplier;

/**
 * Blocks the task threads of an executor until a condition holds or the run failed. Thread-safe.
 */
final class FailureLatch {
  private static final long POLL_MS = 100; // a killed task notices within this time

  private RunFailedException failure;
  private boolean known; // to the driver

  /** Wakes the waiting tasks to check their conditions again. */
  synchronized void changed() {
    notifyAll();
  }

  /**
   * Fails the run in this executor; the first reason stays.
   *
   * @param known whether the driver knows of it
   */
  synchronized void fail(String text, boolean known) {
    if (failure == null) {
      failure = new RunFailedException(text);
      this.known = known;
    }
    notifyAll();
  }

  synchronized boolean failed() {
    return failure != null;
  }

  /**
   * Blocks the calling task thread; never call it on a network thread.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  synchronized void await(BooleanSupplier ready, BooleanSupplier killed) {
    try {
      while (!ready.getAsBoolean()) {
        if (failure != null)
          throw known
              ? RunFailedException.elsewhere(failure)
              : new RunFailedException(failure.getMessage(), failure);
        if (killed.getAsBoolean()) throw new RunFailedException("Spark killed the task");
        wait(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException("the task was interrupted", e);
    }
  }
}
