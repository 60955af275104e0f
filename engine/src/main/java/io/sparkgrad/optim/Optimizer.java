package io.sparkgrad.optim;

import java.io.Serializable;
import java.util.List;

/**
 * An update rule over runs of numbers. It knows neither tensors nor servers: a shard of the
 * parameter server runs it on its blocks, {@code over(parameters)} on local tensors. Immutable, so
 * one rule may serve any number of runs and threads.
 *
 * <p>A rule is written once, in double; numbers of other types are converted chunk by chunk on the
 * way in and out, and every number is updated by itself, so cutting a run elsewhere changes no bit.
 */
public abstract class Optimizer implements Serializable {
  private static final long serialVersionUID = 1L;

  /* Small enough for the scratch of a chunk to stay in the L1 cache: weight, gradient and two slots make 16 KiB. */
  private static final int CHUNK = 512;

  /** The learning rate before the schedule. */
  public abstract double lr();

  /** How the rate moves with the finished steps. */
  public Schedule schedule() {
    return Schedule.CONSTANT;
  }

  /**
   * What is remembered for each number between steps, by PyTorch's names ({@code momentum_buffer});
   * starts at zero.
   */
  public abstract List<String> slots();

  /**
   * The rule: updates {@code w[0..n)} and the slots in place. The gradient may be overwritten.
   *
   * @param slots one array a slot, in the order of {@link #slots()}
   * @param step the number of this update, 1 for the first
   * @param lr the scheduled rate of this update
   */
  protected abstract void update(
      int n, double[] w, double[] g, double[][] slots, long step, double lr);

  /**
   * Updates {@code w[from..from+n)} and the same range of every slot from {@code
   * g[gFrom..gFrom+n)}.
   */
  public final void step(
      float[] w, int from, float[] g, int gFrom, float[][] slots, int n, long step) {
    double lr = schedule().at(lr(), step - 1);
    double[] wd = new double[CHUNK];
    double[] gd = new double[CHUNK];
    double[][] sd = new double[slots.length][CHUNK];
    for (int at = 0; at < n; at += CHUNK) {
      int m = Math.min(CHUNK, n - at);
      load(w, from + at, wd, m);
      load(g, gFrom + at, gd, m);
      for (int s = 0; s < slots.length; s++) load(slots[s], from + at, sd[s], m);
      update(m, wd, gd, sd, step, lr);
      store(wd, w, from + at, m);
      for (int s = 0; s < slots.length; s++) store(sd[s], slots[s], from + at, m);
    }
  }

  /** As {@link #step(float[], int, float[], int, float[][], int, long)}, in double throughout. */
  public final void step(
      double[] w, int from, double[] g, int gFrom, double[][] slots, int n, long step) {
    double lr = schedule().at(lr(), step - 1);
    double[] wd = new double[CHUNK];
    double[] gd = new double[CHUNK];
    double[][] sd = new double[slots.length][CHUNK];
    for (int at = 0; at < n; at += CHUNK) {
      int m = Math.min(CHUNK, n - at);
      System.arraycopy(w, from + at, wd, 0, m);
      System.arraycopy(g, gFrom + at, gd, 0, m);
      for (int s = 0; s < slots.length; s++) System.arraycopy(slots[s], from + at, sd[s], 0, m);
      update(m, wd, gd, sd, step, lr);
      System.arraycopy(wd, 0, w, from + at, m);
      for (int s = 0; s < slots.length; s++) System.arraycopy(sd[s], 0, slots[s], from + at, m);
    }
  }

  private static void load(float[] from, int at, double[] to, int n) {
    for (int i = 0; i < n; i++) to[i] = from[at + i];
  }

  private static void store(double[] from, float[] to, int at, int n) {
    for (int i = 0; i < n; i++) to[at + i] = (float) from[i];
  }
}
