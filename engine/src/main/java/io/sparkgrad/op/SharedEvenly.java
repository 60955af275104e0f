package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/** The gradient of one element picked of all: those that equal it share it, the rest have none. */
public final class SharedEvenly {
  private SharedEvenly() {}

  /** Of x, from the gradient of y, which may be NaN: then of the NaN in x. */
  public static Tensor gradient(Tensor g, Tensor x, Tensor y) {
    Tensor picked = x.eq(y).logicalOr(x.isnan().logicalAnd(y.isnan()));
    Tensor share = g.div(picked.to(g.dtype()).sum());
    return Ops.named("MaskedFillBackward1", picked.where(share, Tensor.zeros(g.dtype())));
  }
}
