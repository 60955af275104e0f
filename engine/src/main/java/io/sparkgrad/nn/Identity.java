package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x itself. */
public class Identity extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x;
  }
}
