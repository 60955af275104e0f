package io.sparkgrad.cluster.ingest;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs what must be done to its end, whoever interrupts the thread that asks for it. */
public final class Uninterrupted {
  private Uninterrupted() {}

  /**
   * Runs the action and waits for its end. An interruption of the calling thread, before or
   * meanwhile, stays set and reaches nothing inside: Spark gives up what it frees half-way where
   * one does, and a retry may meet the next one.
   */
  public static void run(Runnable action) {
    try {
      CompletableFuture.runAsync(action, r -> new Thread(r, "sparkgrad-close").start()).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException own) throw own;
      throw e;
    }
  }
}
