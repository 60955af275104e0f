package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** Folds the dimensions from startDim to endDim into one; rows stay rows unless told otherwise. */
public class Flatten extends Module {
  private static final long serialVersionUID = 1;

  private final int startDim;
  private final int endDim;

  public Flatten() {
    this(1, -1);
  }

  public Flatten(int startDim, int endDim) {
    this.startDim = startDim;
    this.endDim = endDim;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.flatten(startDim, endDim);
  }

  @Override
  protected String describe() {
    return "start_dim=" + startDim + ", end_dim=" + endDim;
  }
}
