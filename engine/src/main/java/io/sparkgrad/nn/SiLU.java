package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x·sigmoid(x), elementwise. */
public class SiLU extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.silu();
  }
}
