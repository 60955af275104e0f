package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x moved towards 0 by lambd, but not past it, elementwise. */
public class Softshrink extends Module {
  private static final long serialVersionUID = 1;

  private final double lambd;

  public Softshrink() {
    this(0.5);
  }

  public Softshrink(double lambd) {
    this.lambd = lambd;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softshrink(lambd);
  }

  @Override
  protected String describe() {
    return Repr.of(lambd);
  }
}
