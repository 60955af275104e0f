package io.sparkgrad.op;

import java.util.List;

/**
 * A {@link Unary} in a family's table: its CUDA expression, and an interval on which it is smooth.
 */
abstract class Formula extends Unary {
  private final String cuda;
  private final double lo;
  private final double hi;

  Formula(Saves saves, String cuda) {
    this(saves, cuda, -2, 2);
  }

  Formula(Saves saves, String cuda, double lo, double hi) {
    super(saves);
    this.cuda = cuda;
    this.lo = lo;
    this.hi = hi;
  }

  @Override
  final String cuda() {
    return cuda;
  }

  @Override
  public final List<SampleInput> samples(Samples make) {
    return over(make, lo, hi);
  }
}
