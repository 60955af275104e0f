package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** min(max(x, 0), 6), elementwise. */
public class ReLU6 extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.relu6();
  }
}
