package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** x·clamp(x + 3, 0, 6) / 6, elementwise. */
public class Hardswish extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.hardswish();
  }
}
