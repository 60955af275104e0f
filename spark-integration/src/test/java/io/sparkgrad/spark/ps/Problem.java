package io.sparkgrad.spark.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * A made-up training problem with rounding in every sum, and the plain loop that says what its
 * result must be.
 */
record Problem(int numel, int workers, long steps) {
  record Contribution(float[] gradient, double loss, double rows) {}

  record Outcome(float[] weights, List<EpochLoss> epochs) {}

  static final int STEPS_PER_EPOCH = 3;

  float[] initial() {
    float[] w = new float[numel];
    for (int i = 0; i < numel; i++) w[i] = noise(i, 17);
    return w;
  }

  /** Some workers have no rows in some steps, and in one step nobody has. */
  Contribution compute(float[] weights, int worker, long step) {
    if (step == 2 || (worker + step) % 5 == 4) return new Contribution(null, 0, 0);
    float[] g = new float[numel];
    double rows = 1 + worker % 3;
    for (int i = 0; i < numel; i++)
      g[i] = (float) rows * (weights[i] * 0.3f + noise(i, 1000 * step + worker));
    return new Contribution(g, rows * (Math.abs(weights[0]) + 0.1 * worker), rows);
  }

  Outcome reference() {
    float[] w = initial();
    Momentum rule = new Momentum();
    float[][] slots = new float[1][numel];
    List<EpochLoss> epochs = new ArrayList<>();
    double loss = 0;
    double rows = 0;
    for (long step = 0; step < steps; step++) {
      Contribution all = sum(w, step, 0, Integer.highestOneBit(Math.max(1, 2 * workers - 1)));
      if (all.rows() != 0) {
        float[] g = all.gradient();
        for (int i = 0; i < numel; i++) g[i] = (float) (g[i] / all.rows());
        rule.step(w, 0, g, 0, slots, numel, step + 1);
      }
      loss += all.loss();
      rows += all.rows();
      if ((step + 1) % STEPS_PER_EPOCH == 0) {
        epochs.add(new EpochLoss((int) (step / STEPS_PER_EPOCH), loss, rows));
        loss = rows = 0;
      }
    }
    return new Outcome(w, epochs);
  }

  private Contribution sum(float[] w, long step, int first, int size) {
    if (size == 1) return compute(w, first, step);
    Contribution left = sum(w, step, first, size / 2);
    if (first + size / 2 >= workers) return left;
    Contribution right = sum(w, step, first + size / 2, size / 2);
    return new Contribution(
        add(left.gradient(), right.gradient()),
        left.loss() + right.loss(),
        left.rows() + right.rows());
  }

  private static float[] add(float[] a, float[] b) {
    if (a == null || b == null) return a == null ? b : a;
    float[] c = new float[a.length];
    for (int i = 0; i < c.length; i++) c[i] = a[i] + b[i];
    return c;
  }

  private static float noise(long i, long salt) {
    long h = (i * 0x9E3779B97F4A7C15L) ^ (salt * 0xC2B2AE3D27D4EB4FL);
    h ^= h >>> 29;
    h *= 0xBF58476D1CE4E5B9L;
    h ^= h >>> 32;
    return (h & 0xFFFFFF) / (float) 0x1000000 - 0.5f;
  }
}
