package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The first half along a dimension times the sigmoid of the second. */
public class GLU extends Module {
  private static final long serialVersionUID = 1;

  private final int dim;

  public GLU() {
    this(-1);
  }

  public GLU(int dim) {
    this.dim = dim;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.glu(dim);
  }

  @Override
  protected String describe() {
    return "dim=" + dim;
  }
}
