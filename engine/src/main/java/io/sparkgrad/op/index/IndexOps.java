package io.sparkgrad.op.index;

import io.sparkgrad.op.Op;
import java.util.List;

/** The registered operations by index. */
public final class IndexOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new Gather(0),
          new Median(false),
          new Nonzero(),
          new Scatter(0),
          new ScatterAdd(0),
          new ScatterReduce(0, ScatterReduce.By.PROD, true),
          new Searchsorted(false),
          new Sort(0, false),
          new Where());

  private IndexOps() {}
}
