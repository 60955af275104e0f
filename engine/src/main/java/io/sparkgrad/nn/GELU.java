package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * x·Φ(x) with the distribution function of the normal distribution, elementwise; {@code "tanh"}
 * takes an approximation of it.
 */
public class GELU extends Module {
  private static final long serialVersionUID = 1;

  private final String approximate;

  public GELU() {
    this("none");
  }

  public GELU(String approximate) {
    this.approximate = approximate;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.gelu(approximate);
  }

  @Override
  protected String describe() {
    return "approximate='" + approximate + "'";
  }
}
