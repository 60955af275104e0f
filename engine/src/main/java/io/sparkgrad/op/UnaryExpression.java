package io.sparkgrad.op;

import java.util.List;

/**
 * A {@link UnaryOp} in a family's table: its CUDA expression, and an interval on which it is
 * smooth.
 */
public abstract class UnaryExpression extends UnaryOp {
  private final String cuda;
  private final double lo;
  private final double hi;

  protected UnaryExpression(Saves saves, String cuda) {
    this(saves, cuda, -2, 2);
  }

  protected UnaryExpression(Saves saves, String cuda, double lo, double hi) {
    super(saves);
    this.cuda = cuda;
    this.lo = lo;
    this.hi = hi;
  }

  @Override
  protected final String cuda() {
    return cuda;
  }

  @Override
  public final List<SampleInput> samples(MakeTensor make) {
    return over(make, lo, hi);
  }
}
