package io.sparkgrad.cluster.fitting;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Times of a task: computing gradients, pushing them, waiting for the new weights. Sums over all
 * steps, and the last steps one by one. Filled by one thread.
 */
public final class StepTimes implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int KEPT = 4_096;

  /** The parts of a step. */
  public enum Part {
    COMPUTE,
    PUSH,
    WAIT
  }

  private final long[] sumNanos = new long[Part.values().length];
  private final int[][] lastNanos = new int[Part.values().length][KEPT];
  private long steps;

  void add(long computeNanos, long pushNanos, long waitNanos) {
    long[] parts = {computeNanos, pushNanos, waitNanos};
    int at = (int) (steps++ % KEPT);
    for (int p = 0; p < parts.length; p++) {
      sumNanos[p] += parts[p];
      lastNanos[p][at] = (int) Math.min(Integer.MAX_VALUE, parts[p]);
    }
  }

  /** Whether the task did a step. */
  boolean any() {
    return steps > 0;
  }

  /** Seconds of a part, summed over all steps. */
  public double seconds(Part part) {
    return sumNanos[part.ordinal()] / 1e9;
  }

  /** Milliseconds of computing in a step, the median of the last ones; NaN without steps. */
  public double medianComputeMillis() {
    return median(lastNanos[Part.COMPUTE.ordinal()]);
  }

  /** Milliseconds of a step beyond computing, median; NaN without steps. */
  public double medianSyncMillis() {
    int[] sync = lastNanos[Part.PUSH.ordinal()].clone();
    for (int i = 0; i < KEPT; i++) sync[i] += lastNanos[Part.WAIT.ordinal()][i];
    return median(sync);
  }

  private double median(int[] nanos) {
    int n = (int) Math.min(KEPT, steps);
    if (n == 0) return Double.NaN;
    int[] sorted = Arrays.copyOf(nanos, n);
    Arrays.sort(sorted);
    return sorted[n / 2] / 1e6;
  }
}
