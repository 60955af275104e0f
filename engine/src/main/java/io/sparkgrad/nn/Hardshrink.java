package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x outside [-lambd, lambd], else 0, elementwise. */
public class Hardshrink extends Module {
  private static final long serialVersionUID = 1;

  private final double lambd;

  public Hardshrink() {
    this(0.5);
  }

  public Hardshrink(double lambd) {
    this.lambd = lambd;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.hardshrink(lambd);
  }

  @Override
  protected String describe() {
    return Repr.of(lambd);
  }
}
