package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.List;

/**
 * y = -x[i, target[i]], folded: the loss of log-probabilities x [n, classes] or [n, classes, ...],
 * target int64.
 */
final class NllLoss extends Op {
  private final Reduce reduce;

  NllLoss(Reduce reduce) {
    this.reduce = reduce;
  }

  @Override
  public String onCuda() {
    return "composed of gather and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor target = in[1];
    check(x, target);
    Tensor index = target.unsqueeze(1);
    Tensor losses = x.gather(1, index).neg().reshape(target.shape());
    ctx.save(index);
    return new Tensor[] {
      switch (reduce) {
        case NONE -> losses;
        case SUM -> losses.sum();
        case MEAN -> losses.mean();
      }
    };
  }

  private static void check(Tensor x, Tensor target) {
    int[] expected = new int[Math.max(0, x.dim() - 1)];
    for (int d = 0; d < expected.length; d++) expected[d] = x.shape()[d == 0 ? 0 : d + 1];
    if (x.dim() < 2 || !Arrays.equals(expected, target.shape())) {
      throw new IllegalArgumentException(
          "nllLoss: an input of shape "
              + Arrays.toString(x.shape())
              + " (rows, classes, ...) needs a target of shape "
              + Arrays.toString(expected)
              + ", got "
              + Arrays.toString(target.shape()));
    }
    if (target.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          "nllLoss: expected a target of int64 class numbers, got " + target.dtype());
    }
    /* On a GPU gather finds it, without a wait. */
    if (!target.device().isCuda()) checkRange(target, x.shape()[1]);
  }

  private static void checkRange(Tensor target, int classes) {
    Storage classNumbers = Ops.copy(target, target.device(), DType.INT64).storage();
    for (int i = 0; i < Shape.numel(target.shape()); i++) {
      long t = classNumbers.<long[]>array()[i];
      if (t < 0 || t >= classes) {
        throw new IndexOutOfBoundsException(
            "Target " + t + " is out of bounds: there are " + classes + " classes");
      }
    }
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor index = ctx.saved(0);
    Tensor g = grads[0].neg();
    if (reduce == Reduce.MEAN) g = g.div((double) index.numel());
    Tensor each = reduce == Reduce.NONE ? g.reshape(index.shape()) : g.expand(index.shape());
    return new Tensor[] {g.newZeros(ctx.inputShape(0)).scatterAdd(1, index, each), null};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new NllLoss(Reduce.MEAN), make.any(4, 5), make.below(5, 4)),
        new Sample(new NllLoss(Reduce.SUM), make.any(5, 4).t(), make.below(5, 4)),
        new Sample(new NllLoss(Reduce.NONE), make.any(2, 3, 4), make.below(3, 2, 4)));
  }

  @Override
  public List<Misuse> errors(Samples make) {
    return List.of(
        misuse("Target 5 is out of bounds", make.any(2, 5), make.below(1, 2).add(5)),
        misuse("needs a target of shape [2], got [3]", make.any(2, 5), make.below(5, 3)),
        misuse(
            "expected a target of int64 class numbers, got torch.float64",
            make.any(2, 5),
            make.any(2)));
  }
}
