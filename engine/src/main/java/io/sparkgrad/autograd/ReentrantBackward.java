package io.sparkgrad.autograd;

import io.sparkgrad.scope.ThreadScope;

/**
 * Runs a part of the calling thread's work on a thread with a stack of its own: backward inside
 * backward inside backward would else overflow. The caller waits, and its modes hold there, too.
 */
final class ReentrantBackward {
  private ReentrantBackward() {}

  static void run(GraphTask outer, Runnable work) {
    Throwable[] failure = new Throwable[1];
    Runnable modes = modes(outer, work);
    Thread thread =
        new Thread(
            () -> {
              try {
                modes.run();
              } catch (Throwable t) {
                failure[0] = t;
              }
            },
            Thread.currentThread().getName() + "-deeper");
    thread.setDaemon(true);
    thread.start();
    join(thread);
    if (failure[0] instanceof Error e) throw e;
    if (failure[0] != null) throw (RuntimeException) failure[0];
  }

  private static Runnable modes(GraphTask outer, Runnable work) {
    return ThreadScope.takenAlong(
        () -> {
          GraphTask.inherit(outer);
          work.run();
        });
  }

  /* The work is the caller's own and cannot be left half done; an interrupt is kept for later. */
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
