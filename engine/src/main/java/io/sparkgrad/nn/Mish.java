package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x·tanh(softplus(x)), elementwise. */
public class Mish extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.mish();
  }
}
