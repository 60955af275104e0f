package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Sees the gradients of a module's call once backward has passed it. */
@FunctionalInterface
public interface BackwardHook extends Serializable {
  /**
   * @param gradInput the gradient of the module's input; null if it needs none
   * @param gradOutput the gradient of its output
   * @return the input's gradient to go on with; null keeps the given one
   */
  Tensor after(Module module, Tensor gradInput, Tensor gradOutput);
}
