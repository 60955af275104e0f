package io.sparkgrad.cluster.ps;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where the task threads of an executor wait, and learn that the run failed. Thread-safe. */
final class Gate {
  private static final long POLL_MS = 100; // how soon a killed task notices
  private static final long ECHO_MS = 60_000; // then the effect is told in place of the cause

  private RunFailedException failure;
  private String echo;
  private long echoNanos;

  /** Call after anything changed that a task may wait for. */
  synchronized void changed() {
    notifyAll();
  }

  /** Ends the run here; the first reason stays. */
  synchronized void fail(String text) {
    if (failure == null) failure = new RunFailedException(text);
    notifyAll();
  }

  /** Something broke, but its cause is still to be told by the coordinator. Returns whether new. */
  synchronized boolean echo(String text) {
    if (failure != null || echo != null) return false;
    echo = text;
    echoNanos = System.nanoTime();
    return true;
  }

  synchronized boolean failed() {
    return failure != null;
  }

  /**
   * Blocks a task thread, never a network thread.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  synchronized void await(BooleanSupplier ready, BooleanSupplier killed) {
    try {
      while (!ready.getAsBoolean()) {
        if (failure != null) throw new RunFailedException(failure.getMessage(), failure);
        if (killed.getAsBoolean()) throw new RunFailedException("Spark killed the task");
        if (echo != null && System.nanoTime() - echoNanos > TimeUnit.MILLISECONDS.toNanos(ECHO_MS))
          throw new RunFailedException(echo);
        wait(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailedException("the task was interrupted", e);
    }
  }
}
