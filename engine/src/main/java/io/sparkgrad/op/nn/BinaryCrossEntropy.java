package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/**
 * -t·log(x) - (1 - t)·log(1 - x), folded, each logarithm -100 at least; its slope divides by 1e-12
 * at least.
 */
public final class BinaryCrossEntropy extends Op {
  private static final double SMALLEST = 1e-12f; // PyTorch's is a float
  private final Reduction reduce;

  BinaryCrossEntropy(Reduction reduce) {
    this.reduce = reduce;
  }

  /** The loss of probabilities against targets of their shape. */
  public static Tensor of(Tensor x, Tensor target, Reduction reduce) {
    return Ops.call(new BinaryCrossEntropy(reduce), x, target);
  }

  @Override
  public String name() {
    return "binaryCrossEntropy";
  }

  @Override
  public String nodeName() {
    return "BinaryCrossEntropyBackward0";
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "BinaryCrossEntropyBackwardBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of log, log1p, clampMin, mul and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor t = in[1];
    check(x, t);
    Tensor yes = x.log().clampMin(-100).mul(t);
    Tensor no = x.neg().log1p().clampMin(-100).mul(t.sub(1));
    Tensor each = no.sub(yes);
    ctx.save(in);
    return new Tensor[] {
      switch (reduce) {
        case NONE -> each;
        case SUM -> each.sum();
        case MEAN -> each.mean();
      }
    };
  }

  private static void check(Tensor x, Tensor t) {
    Require.floats("binaryCrossEntropy", x);
    Require.sameType("binaryCrossEntropy", x, "target", t);
    if (!Arrays.equals(x.shape(), t.shape()))
      throw new IllegalArgumentException(
          "binaryCrossEntropy: Using a target size (%s) that is different to the input size (%s) is deprecated. Please ensure they have the same size."
              .formatted(Arrays.toString(t.shape()), Arrays.toString(x.shape())));
    if (x.device().isCuda() || x.numel() == 0) return; // to look would be to wait for the GPU
    if (x.ge(0).logicalAnd(x.le(1)).all().itemLong() == 0)
      throw new IllegalArgumentException(
          "binaryCrossEntropy: all elements of input should be between 0 and 1; of scores take the sigmoid first, or a loss of logits");
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor t = ctx.saved(1);
    Tensor g = reduce == Reduction.MEAN ? grads[0].div(x.numel()) : grads[0];
    Tensor product = x.neg().add(1).mul(x).clampMin(SMALLEST);
    return new Tensor[] {
      ctx.needsGrad(0) ? g.mul(x.sub(t)).div(product) : null,
      ctx.needsGrad(1) ? g.mul(x.neg().log1p().sub(x.log())) : null
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(
            new BinaryCrossEntropy(Reduction.MEAN), inside(make, 3, 4), inside(make, 3, 4)),
        new SampleInput(new BinaryCrossEntropy(Reduction.SUM), inside(make, 3), inside(make, 3)),
        new SampleInput(
            new BinaryCrossEntropy(Reduction.NONE), inside(make, 4, 3).t(), inside(make, 3, 4)));
  }

  private static Tensor inside(MakeTensor make, int... shape) {
    return make.uniform(0.1, 0.9, shape);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("between 0 and 1", make.uniform(2, 3, 3), make.uniform(0, 1, 3)),
        errorInput("different to the input size", inside(make, 3), inside(make, 4)));
  }
}
