package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** 1 / (1 + e⁻ˣ), elementwise. */
public class Sigmoid extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.sigmoid();
  }
}
