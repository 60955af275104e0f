package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;

/** The history of a gradient that a once-differentiable function made: errors when it is run. */
final class NotDifferentiable extends Node {
  private final Tensor[] grads;

  private NotDifferentiable(Tensor[] grads, Edge[] next) {
    super(next);
    this.grads = grads;
  }

  /** The gradients, with an error as their derivative by all that the node depends on. */
  static Tensor[] guard(Node node, Tensor[] grads) {
    NotDifferentiable guard =
        new NotDifferentiable(grads, node.nextFunctions().toArray(Edge[]::new));
    Tensor[] out = grads.clone();
    for (int i = 0; i < out.length; i++) {
      if (out[i] == null) continue;
      out[i] = out[i].detach();
      out[i].setHistory(guard, i);
    }
    return out;
  }

  @Override
  public String name() {
    return "NotDifferentiable";
  }

  @Override
  Tensor[] apply(Tensor[] unused) {
    throw new AutogradException(
        "trying to differentiate twice a function that was marked with onceDifferentiable");
  }

  @Override
  int[] shape(int output) {
    return grads[output].shape();
  }

  @Override
  DType dtype(int output) {
    return grads[output].dtype();
  }

  @Override
  int outputs() {
    return grads.length;
  }
}
