package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** The same numbers under another shape, without a copy; errors where strides do not allow it. */
final class View extends Op implements Op.TakesStorageTypes {
  private final String node;
  private final int[] shape;

  /** One size may be -1: worked out. */
  View(int... shape) {
    this("ViewBackward0", shape);
  }

  private View(String node, int... shape) {
    this.node = node;
    this.shape = shape;
  }

  /** A view under another shape that is recorded by the name of the method which works it out. */
  static View named(String node, int... shape) {
    return new View(node, shape);
  }

  @Override
  public String nodeName() {
    return node;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    int[] target = Shape.infer(shape, x.numel());
    int[] strides = Shape.viewStrides(x.shape(), x.strides(), target);
    if (strides == null) {
      throw new IllegalArgumentException(
          ("view: size %s is not compatible with input tensor's size %s and stride %s (at least one "
                  + "dimension spans across two contiguous subspaces). Use .reshape(...) instead.")
              .formatted(
                  Arrays.toString(target),
                  Arrays.toString(x.shape()),
                  Arrays.toString(x.strides())));
    }
    return new Tensor[] {x.alias(target, strides, x.offset())};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    boolean same = Arrays.equals(shape, grads[0].shape());
    return new Tensor[] {
      switch (node) {
        case "AliasBackward0" -> grads[0];
        case "UnsqueezeBackward0" -> Ops.call(named("SqueezeBackward1", shape), grads[0]);
        case "SqueezeBackward0", "SqueezeBackward1" ->
            same ? grads[0] : Ops.call(named("UnsqueezeBackward0", shape), grads[0]);
        default -> grads[0].reshape(shape);
      }
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new View(4, 6), make.any(2, 3, 4)),
        new SampleInput(new View(-1, 2), make.any(2, 3, 4)),
        new SampleInput(new View(), make.any(1, 1)),
        new SampleInput(new View(3, 0), make.any(0, 2)),
        new SampleInput(new View(4, 1, 3), make.any(3, 4).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new View(5).errorInput("shape '[5]' is invalid for input of size 6", make.any(2, 3)),
        new View(6)
            .errorInput(
                "at least one dimension spans across two contiguous subspaces",
                make.any(2, 3).t()));
  }
}
