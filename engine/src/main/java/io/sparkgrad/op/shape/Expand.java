package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/**
 * A view that repeats dimensions of size 1, and new leading ones, by stride 0; the gradient is
 * summed back.
 */
final class Expand extends Op implements Op.TakesStorageTypes {
  private final int[] shape;

  /** A size of -1 keeps the input's. */
  Expand(int... shape) {
    this.shape = shape;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    int[] target = target(x);
    if (!Shape.expandsTo(x.shape(), target)) {
      throw new IllegalArgumentException(
          "expand: sizes must match the existing ones where these are not 1.  Target sizes: %s.  Tensor sizes: %s"
              .formatted(Arrays.toString(shape), Arrays.toString(x.shape())));
    }
    return new Tensor[] {
      x.alias(target, Shape.expandedStrides(x.shape(), x.strides(), target), x.offset())
    };
  }

  private int[] target(Tensor x) {
    int[] target = shape.clone();
    int lead = target.length - x.dim();
    for (int d = Math.max(0, lead); d < target.length; d++)
      if (target[d] == -1) target[d] = x.shape()[d - lead];
    Shape.numel(target);
    return target;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {grads[0].sumTo(ctx.inputShape(0))};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Expand(4, 2, 3), make.any(2, 1)),
        new SampleInput(new Expand(2, -1), make.any(1, 3)),
        new SampleInput(new Expand(2, 3), make.any()),
        new SampleInput(new Expand(0, 3), make.any(1, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Expand(2, 4)
            .errorInput(
                "sizes must match the existing ones where these are not 1", make.any(2, 3)));
  }
}
