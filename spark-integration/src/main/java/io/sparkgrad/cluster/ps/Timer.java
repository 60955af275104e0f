package io.sparkgrad.cluster.ps;

/** Time, injected: the machine's in a run, a virtual one in a simulation. Thread-safe. */
interface Timer {
  /** Runs an action once, after this time, on a thread of the timer's. */
  void after(long ms, Runnable action);

  long nanos();

  default long millis() {
    return nanos() / 1_000_000;
  }
}
