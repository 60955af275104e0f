package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The scaled exponential linear unit, elementwise: Klambauer et al. 2017, arXiv:1706.02515. */
public class SELU extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.selu();
  }
}
