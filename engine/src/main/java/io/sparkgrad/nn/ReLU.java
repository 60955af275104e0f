package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** max(x, 0), elementwise. */
public class ReLU extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }
}
