package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x / (1 + |x|), elementwise. */
public class Softsign extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.softsign();
  }
}
