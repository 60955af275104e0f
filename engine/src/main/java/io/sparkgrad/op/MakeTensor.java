package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;

/** Random float64 inputs for an op's samples. */
public final class MakeTensor {
  private final Generator random;

  public MakeTensor(long seed) {
    random = new Generator(seed);
  }

  /** Uniform in [lo, hi). */
  public Tensor uniform(double lo, double hi, int... shape) {
    Tensor t = Tensor.zeros(DType.FLOAT64, shape);
    double[] a = t.storage().doubles();
    random.fillUniform(a, 0, a.length);
    for (int i = 0; i < a.length; i++) a[i] = lo + (hi - lo) * a[i];
    return t;
  }

  /** Uniform in [-2, 2). */
  public Tensor any(int... shape) {
    return uniform(-2, 2, shape);
  }

  /** Uniform in [0.3, 2.5). */
  public Tensor positive(int... shape) {
    return uniform(0.3, 2.5, shape);
  }

  /** In each row the integers from 0 to n - 1 in some order: indices without equal ones. */
  public Tensor order(int rows, int n) {
    Tensor t = Tensor.zeros(DType.INT64, rows, n);
    long[] a = t.storage().longs();
    Tensor shift = below(n, rows);
    for (int i = 0; i < a.length; i++) a[i] = (shift.storage().longs()[i / n] + i) % n;
    return t;
  }

  /** Integers in [0, bound). */
  public Tensor below(long bound, int... shape) {
    Tensor t = Tensor.zeros(DType.INT64, shape);
    long[] a = t.storage().longs();
    random.fillInts(a, 0, a.length, 0, bound);
    return t;
  }
}
