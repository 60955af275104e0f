package io.sparkgrad.spark;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How long a task's last steps took, split into computing gradients and waiting for the new
 * weights.
 */
final class StepTimes implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int KEPT = 4_096;

  private final int[] computeNanos = new int[KEPT];
  private final int[] waitNanos = new int[KEPT];
  private long steps;

  void add(long compute, long wait) {
    int at = (int) (steps++ % KEPT);
    computeNanos[at] = (int) Math.min(Integer.MAX_VALUE, compute);
    waitNanos[at] = (int) Math.min(Integer.MAX_VALUE, wait);
  }

  int count() {
    return (int) Math.min(KEPT, steps);
  }

  /** In milliseconds; NaN without steps. */
  double medianCompute() {
    return median(computeNanos);
  }

  /**
   * What a step takes beyond computing: push, sum, optimizer, reply, and waiting for others. In
   * milliseconds.
   */
  double medianWait() {
    return median(waitNanos);
  }

  private double median(int[] nanos) {
    int n = count();
    if (n == 0) return Double.NaN;
    int[] sorted = Arrays.copyOf(nanos, n);
    Arrays.sort(sorted);
    return sorted[n / 2] / 1e6;
  }
}
