package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;

/**
 * How a backward pass runs. Immutable; {@code BackwardOptions.of().retainGraph()}.
 *
 * @param gradient the gradient of the output; null means 1, for an output of one element
 * @param keepsGraph whether saved tensors outlive the pass, so that it can be repeated
 * @param createsGraph whether the pass itself is recorded, so that the gradients can be
 *     differentiated
 */
public record BackwardOptions(Tensor gradient, boolean keepsGraph, boolean createsGraph) {
  public static BackwardOptions of() {
    return new BackwardOptions(null, false, false);
  }

  public BackwardOptions gradient(Tensor gradient) {
    return new BackwardOptions(gradient, keepsGraph, createsGraph);
  }

  public BackwardOptions retainGraph() {
    return new BackwardOptions(gradient, true, createsGraph);
  }

  /** Implies {@link #retainGraph()}, as in PyTorch. */
  public BackwardOptions createGraph() {
    return new BackwardOptions(gradient, true, true);
  }
}
