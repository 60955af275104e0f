package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * y = -x[i, target[i]], folded: the loss of log-probabilities x [n, classes] or [n, classes, ...],
 * target int64; 0 where the target is ignoreIndex.
 */
final class NllLoss extends Op {
  private final long ignoreIndex;
  private final Reduction reduce;

  NllLoss(long ignoreIndex, Reduction reduce) {
    this.ignoreIndex = ignoreIndex;
    this.reduce = reduce;
  }

  @Override
  public String nodeName(Tensor... in) {
    return in[0].dim() > 2 ? "NllLoss2DBackward0" : "NllLossBackward0";
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return ctx.inputShape(0).length > 2 ? "NllLoss2DBackwardBackward0" : "NllLossBackwardBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of gather and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor target = in[1];
    ClassLosses.check(name(), x, target, ignoreIndex);
    Tensor losses = losses(x, target.unsqueeze(1));
    Tensor count = reduce == Reduction.MEAN ? ClassLosses.count(x, target, ignoreIndex) : null;
    ctx.save(target, count);
    return new Tensor[] {ClassLosses.fold(losses.reshape(target.shape()), reduce, count)};
  }

  private Tensor losses(Tensor x, Tensor index) {
    if (x.shape()[1] == 0) return x.newZeros(index.shape()); // all targets are ignored
    Tensor picked = x.gather(1, ClassLosses.inRange(index, ignoreIndex)).neg();
    return ClassLosses.unlessIgnored(picked, index, ignoreIndex);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    Tensor index = ctx.saved(0).unsqueeze(1);
    Tensor g = grads[0].neg();
    if (shape[1] == 0) return new Tensor[] {g.newZeros(shape), null};
    if (reduce == Reduction.MEAN) g = g.div(ctx.saved(1));
    if (reduce == Reduction.NONE) g = g.unsqueeze(1);
    Tensor each = ClassLosses.unlessIgnored(g, index, ignoreIndex);
    Tensor classes = ClassLosses.inRange(index, ignoreIndex);
    return new Tensor[] {g.newZeros(shape).scatterAdd(1, classes, each), null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new NllLoss(-100, Reduction.MEAN), make.any(4, 5), make.below(5, 4)),
        new SampleInput(new NllLoss(-100, Reduction.SUM), make.any(5, 4).t(), make.below(5, 4)),
        new SampleInput(new NllLoss(-100, Reduction.NONE), make.any(2, 3, 4), make.below(3, 2, 4)),
        new SampleInput(
            new NllLoss(1, Reduction.MEAN), make.any(4, 5), Tensor.tensor(0L, 1L, 4L, 1L)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("Target 5 is out of bounds", make.any(2, 5), make.below(1, 2).add(5)),
        errorInput("needs a target of shape [2], got [3]", make.any(2, 5), make.below(5, 3)),
        errorInput("not implemented for torch.int64", make.below(9, 2, 5), make.below(5, 2)),
        errorInput(
            "expected a target of int64 class numbers, got torch.float64",
            make.any(2, 5),
            make.any(2)));
  }
}
