package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Sees the gradient of a tensor as soon as it is whole. */
@FunctionalInterface
public interface TensorHook extends Serializable {
  /**
   * The gradient to go on with, of the same shape and dtype; null keeps the given one, which must
   * not be changed.
   */
  Tensor apply(Tensor grad);
}
