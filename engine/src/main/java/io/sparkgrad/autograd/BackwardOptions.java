package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.List;

/**
 * How a backward pass runs. Immutable; {@code BackwardOptions.of().retainGraph()}.
 *
 * @param gradient the gradient of the output; null means 1, for an output of one element
 * @param keepsGraph whether saved tensors outlive the pass, so that it can be repeated
 * @param createsGraph whether the pass itself is recorded, so that the gradients can be
 *     differentiated
 * @param targets the tensors whose {@code .grad} is added to; null means every leaf
 */
public record BackwardOptions(
    Tensor gradient, boolean keepsGraph, boolean createsGraph, List<Tensor> targets) {
  public BackwardOptions {
    if (targets != null && targets.isEmpty()) {
      throw new IllegalArgumentException("'inputs' argument to backward() cannot be empty.");
    }
  }

  public static BackwardOptions of() {
    return new BackwardOptions(null, false, false, null);
  }

  public BackwardOptions gradient(Tensor gradient) {
    return new BackwardOptions(gradient, keepsGraph, createsGraph, targets);
  }

  public BackwardOptions retainGraph() {
    return new BackwardOptions(gradient, true, createsGraph, targets);
  }

  /**
   * Implies {@link #retainGraph()}, as in PyTorch. The leaves' gradients then hold the graph and
   * the graph holds the leaves: a cycle, which the garbage collector frees.
   */
  public BackwardOptions createGraph() {
    return new BackwardOptions(gradient, true, true, targets);
  }

  /**
   * Adds only to the {@code .grad} of these, leaves or not, and runs nothing that does not lead to
   * them.
   */
  public BackwardOptions inputs(Tensor... inputs) {
    return new BackwardOptions(gradient, keepsGraph, createsGraph, List.of(inputs));
  }
}
