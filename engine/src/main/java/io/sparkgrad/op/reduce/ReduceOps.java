package io.sparkgrad.op.reduce;

import io.sparkgrad.op.Op;
import java.util.List;

/** The registered operations over dimensions. */
public final class ReduceOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new Amax(new int[0], false),
          new Amin(new int[0], false),
          new Argmax(0, false),
          new Argmin(0, false),
          new Cummax(0),
          new Cummin(0),
          new Cumprod(0),
          new Cumsum(0),
          new Logcumsumexp(0),
          new Logsumexp(new int[0], false),
          new MaxDim(0, false),
          new Mean(new int[0], false),
          new MinDim(0, false),
          new Moments(false, new int[0], false, 1),
          new Nansum(new int[0], false),
          new Prod(new int[0], false),
          new Scan(0, false),
          new Std(new int[0], false, 1),
          new Sum(new int[0], false),
          new Var(new int[0], false, 1));

  private ReduceOps() {}
}
