package io.sparkgrad.cluster.ps;

import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * A gradient of some numbers: a worker's, a sum over workers, or the mean. Of buffers it has the
 * change, times the rows, or of whole numbers the change.
 *
 * @param dense of all numbers that are not in tables, 0 where a parameter has none; null: none has
 * @param present the parameters that have a gradient, by their place in the run's specification:
 *     only these are stepped, as an optimizer object skips a parameter whose grad is null
 * @param rows of tables: those that were looked up
 */
record Gradient(Floats dense, BitSet present, List<TableRows> rows) {
  static final Gradient NONE = new Gradient(null, new BitSet(), List.of());

  /** Gives the dense numbers' array back: nobody may use them any more. */
  void release() {
    if (dense != null) dense.release();
  }

  /** As much memory as so many floats take. */
  long floats() {
    return (dense == null ? 0 : dense.length()) + TableRows.floats(rows);
  }

  /**
   * The first one plus the second one, in the first one's array.
   *
   * @param maxima of so many dense numbers, the first ones, the larger one
   * @param freed receives the array that is no longer needed
   */
  static Gradient sum(Gradient left, Gradient right, int maxima, Consumer<Floats> freed) {
    Floats sum = left.dense == null ? right.dense : left.dense;
    if (left.dense != null && right.dense != null) {
      Floats largest = left.dense.largest(right.dense, maxima);
      sum.add(right.dense);
      System.arraycopy(largest.array(), 0, sum.array(), sum.from(), maxima);
      freed.accept(right.dense);
    }
    List<TableRows> rows = TableRows.sum(left.rows, right.rows);
    return new Gradient(sum, either(left.present, right.present), rows);
  }

  private static BitSet either(BitSet a, BitSet b) {
    if (a.equals(b)) return a;
    BitSet either = (BitSet) a.clone();
    either.or(b);
    return either;
  }

  /**
   * The gradient divided, rows in new arrays.
   *
   * @param into an array for the dense numbers
   */
  Gradient dividedBy(double by, float[] into) {
    Floats quotients = dense == null ? null : dense.dividedBy(by, into);
    return new Gradient(quotients, present, rows.stream().map(r -> r.dividedBy(by)).toList());
  }

  /**
   * The gradient times a factor of at most 1; its dense numbers in place, from one on, rows in new
   * arrays.
   */
  Gradient shortened(double factor, int from) {
    if (factor == 1) return this;
    for (int i = from; dense != null && i < dense.length(); i++)
      dense.array()[dense.from() + i] = (float) (dense.at(i) * factor);
    return new Gradient(dense, present, rows.stream().map(r -> r.times(factor)).toList());
  }

  /** The gradient of the first parameters alone: that of the others is not there. */
  Gradient onlyFirst(int parameters) {
    return new Gradient(dense, present.get(0, parameters), List.of());
  }
}
