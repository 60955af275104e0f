package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/** A recorded call of a {@link Function}. */
final class FunctionNode extends Node {
  private final Function function;
  private FunctionContext ctx;
  private int[][] shapes = {};
  private DType[] dtypes;
  private Device[] devices;

  FunctionNode(Function function, Tensor... inputs) {
    super(Arrays.stream(inputs).map(Tensor::gradientEdge).toArray(Edge[]::new));
    this.function = function;
  }

  void setContext(FunctionContext ctx) {
    this.ctx = ctx;
  }

  void describe(Tensor[] outputs) {
    shapes = Arrays.stream(outputs).map(Tensor::shape).toArray(int[][]::new);
    dtypes = Arrays.stream(outputs).map(Tensor::dtype).toArray(DType[]::new);
    devices = Arrays.stream(outputs).map(Tensor::device).toArray(Device[]::new);
  }

  @Override
  public String name() {
    return function.name() + "Backward";
  }

  @Override
  Tensor[] apply(Tensor[] grads) {
    if (ctx.materializes()) grads = materialized(grads);
    if (!function.onceDifferentiable()) return checked(function.backward(ctx, grads));
    Tensor[] out;
    try (var quiet = Grad.noGrad()) {
      out = checked(function.backward(ctx, grads));
    }
    return Grad.isEnabled() ? NotDifferentiableNode.guard(this, out) : out;
  }

  private Tensor[] materialized(Tensor[] grads) {
    Tensor[] full = grads.clone();
    for (int i = 0; i < full.length; i++) {
      if (full[i] == null && dtypes[i].isFloatingPoint()) {
        full[i] = Tensor.zeros(devices[i], dtypes[i], shapes[i]);
      }
    }
    return full;
  }

  /* Too many are fine as long as the rest is null. */
  private Tensor[] checked(Tensor[] grads) {
    int n = grads == null ? 0 : grads.length;
    while (n > inputs() && grads[n - 1] == null) n--;
    if (n != inputs()) {
      throw new AutogradException(
          "function %s returned an incorrect number of gradients (expected %s, got %s)"
              .formatted(name(), inputs(), n));
    }
    return Arrays.copyOf(grads, n);
  }

  @Override
  boolean runsUserCode() {
    return true;
  }

  @Override
  void release() {
    ctx.release();
  }

  @Override
  int[] shape(int output) {
    return shapes[output];
  }

  @Override
  DType dtype(int output) {
    return dtypes[output];
  }

  @Override
  int outputs() {
    return shapes.length;
  }
}
