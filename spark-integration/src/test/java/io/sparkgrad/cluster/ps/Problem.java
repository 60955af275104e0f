package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.LAMB;
import io.sparkgrad.optim.Optimizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A synthetic training problem with rounding in every sum, and a plain loop that computes its
 * result.
 */
record Problem(int numel, int workers, long steps, int tableRows, boolean norms) {
  private static final int WIDTH = 3;

  /** The first parameters are buffers, the first of these of whole numbers. */
  static final int BUFFERS = 2;

  static final int MAXIMA = 1;

  Problem(int numel, int workers, long steps) {
    this(numel, workers, steps, 0, false);
  }

  /** The same, by a rule that goes by norms. */
  Problem withNorms() {
    return new Problem(numel, workers, steps, tableRows, true);
  }

  /** The same, trained for so many steps. */
  Problem until(long steps) {
    return new Problem(numel, workers, steps, tableRows, norms);
  }

  /** The table at the end of the numbers, if there is one. */
  List<RowTable> tables() {
    int from = numel - tableRows * WIDTH;
    return tableRows == 0 ? List.of() : List.of(new RowTable(from, tableRows, WIDTH));
  }

  int dense() {
    return numel - tableRows * WIDTH;
  }

  /** Lengths of the dense parameters, none of which ends where a segment does. */
  List<Integer> parameters() {
    int fifth = dense() / 5;
    int third = dense() / 3;
    int ninth = dense() / 9;
    return List.of(ninth, fifth, third, 1, dense() - ninth - fifth - third - 1);
  }

  /** Whether a worker that is not idle has a gradient of a dense parameter. */
  private static boolean has(int parameter, int worker, long step) {
    return switch (parameter) {
      case 2 -> step % 4 != 1; // nobody has it then
      case 3 -> worker % 2 == 0;
      default -> true;
    };
  }

  /** Rows that count nothing in the loss move buffers, too. */
  private static long count(int worker, long step) {
    return isIdle(worker, step) ? 0 : 2 + (worker + step) % 4;
  }

  private BitSet present(int worker, long step) {
    BitSet present = new BitSet();
    int count = parameters().size();
    for (int p = 0; p < count; p++) present.set(p, has(p, worker, step));
    if (tableRows > 0) present.set(count);
    return present;
  }

  /** Some of the rows that a worker looks up in the next step, and one in vain. */
  List<TableRows> next(int worker, long step) {
    List<TableRows> all = lookUps(worker, step + 1);
    if (all.isEmpty() || (worker + step) % 3 == 0) return List.of();
    BitSet some = new BitSet();
    for (int id : all.get(0).ids()) if ((worker + step) % 3 == 1 || id % 2 == 0) some.set(id);
    some.set(tableRows - 1);
    return List.of(TableRows.named(0, some.stream().toArray()));
  }

  /** A rule that leaves rows without a gradient alone, where there is a table. */
  Optimizer rule() {
    if (norms) return tableRows == 0 ? new LAMB(0.3).clipNorm(4) : new Adagrad(0.3).clipNorm(2);
    return tableRows == 0 ? new Momentum() : new Adagrad(0.3);
  }

  /** The rows that a worker looks up in a step. */
  List<TableRows> lookUps(int worker, long step) {
    if (tableRows == 0 || isIdle(worker, step)) return List.of();
    BitSet ids = new BitSet();
    int lookUps = Math.max(7, tableRows / 500);
    for (int i = 0; i < lookUps; i++) // rows in front are looked up more often
    ids.set((int) (tableRows * Math.pow(noise(i + 31 * worker, 7 + step) + 0.5, 3)));
    return List.of(TableRows.named(0, ids.stream().toArray()));
  }

  /** The part of a gradient for rows that were looked up. */
  static List<TableRows> rows(List<TableRows> named, int from, float[] gradient) {
    List<TableRows> rows = new ArrayList<>();
    for (TableRows r : named) {
      float[] values = new float[r.ids().length * WIDTH];
      for (int i = 0; i < r.ids().length; i++)
        System.arraycopy(gradient, from + r.ids()[i] * WIDTH, values, i * WIDTH, WIDTH);
      rows.add(new TableRows(r.table(), r.ids(), values));
    }
    return rows;
  }

  private static boolean isIdle(int worker, long step) {
    return step == 2 || (worker + step) % 5 == 4;
  }

  record Contribution(float[] gradient, BitSet present, double loss, double rows, long count) {}

  record JobResult(float[] weights, List<EpochLoss> epochs) {}

  static final int STEPS_PER_EPOCH = 3;
  static final int BEST_EPOCH = 4; // 1 for the first

  float[] initial() {
    float[] w = new float[numel];
    for (int i = 0; i < numel; i++) w[i] = noise(i, 17);
    return w;
  }

  /** Some workers have no rows in some steps, and in one step nobody has. */
  Contribution compute(float[] weights, int worker, long step) {
    if (isIdle(worker, step)) return new Contribution(null, new BitSet(), 0, 0, 0);
    float[] g = new float[numel];
    double rows = 1 + worker % 3;
    BitSet present = present(worker, step);
    int i0 = 0;
    for (int p = 0; p < parameters().size(); i0 += parameters().get(p++))
      for (int i = i0; present.get(p) && i < i0 + parameters().get(p); i++)
        g[i] =
            p < MAXIMA
                ? (i + step * worker) % 7
                : (float) (p < BUFFERS ? count(worker, step) : rows)
                    * (weights[i] * 0.3f + noise(i, 1000 * step + worker));
    for (TableRows r : lookUps(worker, step))
      for (int id : r.ids())
        for (int i = dense() + id * WIDTH; i < dense() + (id + 1) * WIDTH; i++)
          g[i] = (float) rows * (weights[i] * 0.3f + noise(i, 1000 * step + worker));
    double loss = rows * (Math.abs(weights[0]) + 0.1 * worker);
    return new Contribution(g, present, loss, rows, count(worker, step));
  }

  /**
   * A validation loss that falls for some epochs and then rises, and a metric; some workers have no
   * rows.
   */
  List<Score> score(float[] weights, int worker, long boundary) {
    if (worker % 4 == 3) return List.of(Score.NONE, Score.NONE);
    double epochs = boundary / (double) STEPS_PER_EPOCH;
    double rows = 2 + worker % 3;
    double loss = 1 + Math.abs(epochs - BEST_EPOCH) + 1e-3 * weights[worker] + 0.1 * worker;
    return List.of(new Score(rows * loss, rows), new Score(weights[worker] / 3, 1));
  }

  /** All workers' scores of the weights with which a step starts, in worker order. */
  List<Score> validation(long boundary) {
    float[] w = until(boundary).reference().weights();
    List<Score> sum = score(w, 0, boundary);
    for (int worker = 1; worker < workers; worker++) {
      List<Score> next = score(w, worker, boundary);
      sum = List.of(sum.get(0).plus(next.get(0)), sum.get(1).plus(next.get(1)));
    }
    return sum;
  }

  /** As {@link #reference}; each epoch validated, the last one cut short if the steps say so. */
  JobResult validated() {
    List<EpochLoss> epochs = new ArrayList<>();
    for (EpochLoss e : reference().epochs()) {
      long boundary = Math.min(steps, (e.epoch() + 1L) * STEPS_PER_EPOCH);
      epochs.add(e.validated(validation(boundary)));
    }
    return new JobResult(reference().weights(), epochs);
  }

  JobResult reference() {
    float[] w = initial();
    Optimizer rule = rule();
    float[][] slots = new float[rule.slots().size()][numel];
    List<Integer> lengths = new ArrayList<>(parameters());
    for (RowTable t : tables()) lengths.add(t.rows() * t.width());
    long[] updates = new long[lengths.size()];
    List<EpochLoss> epochs = new ArrayList<>();
    double loss = 0;
    double rows = 0;
    for (long step = 0; step < steps; step++) {
      Contribution all = sum(w, step, 0, Integer.highestOneBit(Math.max(1, 2 * workers - 1)));
      if (all.rows() != 0) {
        float[] g = all.gradient();
        int whole = lengths.get(0);
        int at = whole + lengths.get(1);
        for (int i = 0; i < whole; i++) w[i] += g[i];
        for (int i = whole; i < at; i++) w[i] += (float) ((double) g[i] / all.count());
        for (int i = at; i < numel; i++) g[i] = (float) (g[i] / all.rows());
        if (norms) clip(g, all.present(), lengths, rule);
        at = whole + lengths.get(1);
        for (int p = BUFFERS; p < updates.length; at += lengths.get(p++)) {
          if (!all.present().get(p)) continue;
          long update = ++updates[p];
          double rate = rule.rate(step);
          if (rule.isLayerwise()) rate *= trust(rule, w, g, at, lengths.get(p), slots, update);
          rule.step(w, at, g, at, slots, lengths.get(p), update, rate);
        }
      }
      loss += all.loss();
      rows += all.rows();
      boolean whole = (step + 1) % STEPS_PER_EPOCH == 0;
      if (whole || step + 1 == steps) {
        int epoch = (int) (step / STEPS_PER_EPOCH);
        epochs.add(new EpochLoss(epoch, loss, rows, !whole, List.of()));
        loss = rows = 0;
      }
    }
    return new JobResult(w, epochs);
  }

  private void clip(float[] g, BitSet present, List<Integer> lengths, Optimizer rule) {
    double squares = 0;
    for (int begin = 0, end; begin < numel; begin = end) {
      end = endOfSegment(begin);
      int at = 0;
      for (int p = 0; p < lengths.size(); at += lengths.get(p++)) {
        double of = 0;
        if (p < BUFFERS || !present.get(p)) continue;
        for (int i = Math.max(at, begin); i < Math.min(end, at + lengths.get(p)); i++)
          of += (double) g[i] * g[i];
        squares += of;
      }
    }
    double factor = rule.clipFactor(squares);
    if (factor == 1) return;
    for (int i = lengths.get(0) + lengths.get(1); i < numel; i++) g[i] = (float) (g[i] * factor);
  }

  private double trust(
      Optimizer rule, float[] w, float[] g, int at, int n, float[][] slots, long update) {
    double[] total = new double[2];
    for (int from = at, to; from < at + n; from = to) {
      to = Math.min(at + n, endOfSegment(from));
      double[] sums = new double[2];
      rule.measure(w, from, g, from, slots, to - from, update, sums);
      for (int i = 0; i < 2; i++) total[i] += sums[i];
    }
    return rule.trustRatio(total[0], total[1]);
  }

  private int endOfSegment(int number) {
    int length = new Segments(numel, tables()).length();
    if (number < dense()) return Math.min(dense(), (number / length + 1) * length);
    int ofTable = length / WIDTH * WIDTH;
    return Math.min(numel, dense() + ((number - dense()) / ofTable + 1) * ofTable);
  }

  private Contribution sum(float[] w, long step, int first, int size) {
    if (size == 1) return compute(w, first, step);
    Contribution left = sum(w, step, first, size / 2);
    if (first + size / 2 >= workers) return left;
    Contribution right = sum(w, step, first + size / 2, size / 2);
    return new Contribution(
        add(left.gradient(), right.gradient()),
        either(left.present(), right.present()),
        left.loss() + right.loss(),
        left.rows() + right.rows(),
        left.count() + right.count());
  }

  private static BitSet either(BitSet a, BitSet b) {
    BitSet either = (BitSet) a.clone();
    either.or(b);
    return either;
  }

  private float[] add(float[] a, float[] b) {
    if (a == null || b == null) return a == null ? b : a;
    float[] c = new float[a.length];
    for (int i = 0; i < c.length; i++)
      c[i] = i < parameters().get(0) ? Math.max(a[i], b[i]) : a[i] + b[i];
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
