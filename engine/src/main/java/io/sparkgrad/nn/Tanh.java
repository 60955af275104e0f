package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** tanh(x), elementwise. */
public class Tanh extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.tanh();
  }
}
