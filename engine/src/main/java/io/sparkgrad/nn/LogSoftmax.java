package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The logarithm of {@link Softmax}, exact where that is 0. */
public class LogSoftmax extends Module {
  private static final long serialVersionUID = 1;

  private final int dim;

  public LogSoftmax(int dim) {
    this.dim = dim;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.logSoftmax(dim);
  }

  @Override
  protected String describe() {
    return "dim=" + dim;
  }
}
