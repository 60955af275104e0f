package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x above 0, else alpha·(eˣ - 1), elementwise. */
public class ELU extends Module {
  private static final long serialVersionUID = 1;

  private final double alpha;

  public ELU() {
    this(1);
  }

  public ELU(double alpha) {
    this.alpha = alpha;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.elu(alpha);
  }

  @Override
  protected String describe() {
    return "alpha=" + Repr.of(alpha);
  }
}
