package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x - tanh(x), elementwise. */
public class Tanhshrink extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.tanhshrink();
  }
}
