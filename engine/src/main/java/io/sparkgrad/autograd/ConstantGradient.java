package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;

/**
 * The history of a gradient under createGraph that does not depend on the inputs, such as that of
 * 2x: its derivative is zeros, where PyTorch says that it has none.
 */
final class ConstantGradient extends Node {
  private final List<Tensor> inputs;
  private final Tensor gradient;

  private ConstantGradient(List<Tensor> inputs, Tensor gradient) {
    super(inputs.stream().map(Tensor::gradientEdge).toArray(Edge[]::new));
    this.inputs = inputs;
    this.gradient = gradient;
  }

  /** The gradient as a function of the inputs. */
  static Tensor of(List<Tensor> inputs, Tensor gradient) {
    Tensor out = gradient.detach();
    out.setHistory(new ConstantGradient(inputs, gradient), 0);
    return out;
  }

  @Override
  public String name() {
    return "ConstantGradient";
  }

  @Override
  Tensor[] apply(Tensor[] grads) {
    return inputs.stream().map(t -> t.newZeros(t.shape())).toArray(Tensor[]::new);
  }

  @Override
  int[] shape(int output) {
    return gradient.shape();
  }

  @Override
  DType dtype(int output) {
    return gradient.dtype();
  }

  @Override
  int outputs() {
    return 1;
  }
}
