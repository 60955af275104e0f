package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x above 0, else alpha·(e^(x/alpha) - 1), elementwise. */
public class CELU extends Module {
  private static final long serialVersionUID = 1;

  private final double alpha;

  public CELU() {
    this(1);
  }

  public CELU(double alpha) {
    this.alpha = alpha;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.celu(alpha);
  }

  @Override
  protected String describe() {
    return "alpha=" + Repr.of(alpha);
  }
}
