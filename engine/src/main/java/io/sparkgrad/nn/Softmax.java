package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** eˣ divided by its sum along a dimension. */
public class Softmax extends Module {
  private static final long serialVersionUID = 1;

  private final int dim;

  public Softmax(int dim) {
    this.dim = dim;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softmax(dim);
  }

  @Override
  protected String describe() {
    return "dim=" + dim;
  }
}
