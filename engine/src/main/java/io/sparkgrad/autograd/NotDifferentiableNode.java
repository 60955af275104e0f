package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;

/** The history of what has no derivative although it is recorded: errors when it is run. */
public final class NotDifferentiableNode extends Node {
  private final String name;
  private final String error;
  private final Tensor[] outputs;

  private NotDifferentiableNode(String name, String error, Tensor[] outputs, Edge... next) {
    super(next);
    this.name = name;
    this.error = error;
    this.outputs = outputs;
  }

  /**
   * Records a result of which PyTorch, too, learns that it has no derivative only when backward
   * gets there.
   */
  public static Tensor record(String name, String method, Tensor output, Tensor input) {
    if (!Grad.isEnabled() || !input.requiresGrad()) return output;
    String error = "the derivative for %s is not implemented".formatted(method);
    output.setHistory(
        new NotDifferentiableNode(name, error, new Tensor[] {output}, input.gradientEdge()), 0);
    return output;
  }

  /**
   * The gradients of a once-differentiable function, with an error as their derivative by all that
   * the node depends on.
   */
  static Tensor[] guard(Node node, Tensor[] grads) {
    NotDifferentiableNode guard =
        new NotDifferentiableNode(
            "NotDifferentiableNode",
            "trying to differentiate twice a function that was marked with onceDifferentiable",
            grads,
            node.nextFunctions().toArray(Edge[]::new));
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
    return name;
  }

  @Override
  Tensor[] apply(Tensor[] unused) {
    throw new AutogradException(error);
  }

  @Override
  int[] shape(int output) {
    return outputs[output].shape();
  }

  @Override
  DType dtype(int output) {
    return outputs[output].dtype();
  }

  @Override
  int outputs() {
    return outputs.length;
  }
}
