package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;

/** x above 0, else weight·x, with one weight, 0.25 at first, or one a channel: dimension 1. */
public class PReLU extends Module {
  private static final long serialVersionUID = 1;

  /** [1] or [channels]. */
  public final Parameter weight;

  public PReLU() {
    this(1);
  }

  public PReLU(int numParameters) {
    weight = new Parameter(Tensor.full(0.25, numParameters));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.prelu(weight);
  }

  @Override
  protected String describe() {
    return "num_parameters=" + weight.numel();
  }
}
