package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * y = -x[i, target[i]], folded: the loss of log-probabilities x [n, classes] or [n, classes, ...],
 * target int64; 0 where the target is ignoreIndex.
 */
final class NllLoss extends Op {
  private final Reduce reduce;
  private final long ignoreIndex;

  NllLoss(Reduce reduce, long ignoreIndex) {
    this.reduce = reduce;
    this.ignoreIndex = ignoreIndex;
  }

  @Override
  public String onCuda() {
    return "composed of gather and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor target = in[1];
    ClassLosses.check(name(), x, target, ignoreIndex);
    Tensor index = target.unsqueeze(1);
    Tensor picked = x.gather(1, ClassLosses.inRange(index, ignoreIndex)).neg();
    Tensor losses = ClassLosses.unlessIgnored(picked, index, ignoreIndex);
    Tensor count = reduce == Reduce.MEAN ? ClassLosses.count(x, target, ignoreIndex) : null;
    ctx.save(target, count);
    return new Tensor[] {ClassLosses.fold(losses.reshape(target.shape()), reduce, count)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor index = ctx.saved(0).unsqueeze(1);
    Tensor g = grads[0].neg();
    if (reduce == Reduce.MEAN) g = g.div(ctx.saved(1));
    if (reduce == Reduce.NONE) g = g.unsqueeze(1);
    Tensor each = ClassLosses.unlessIgnored(g, index, ignoreIndex);
    Tensor classes = ClassLosses.inRange(index, ignoreIndex);
    return new Tensor[] {g.newZeros(ctx.inputShape(0)).scatterAdd(1, classes, each), null};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new NllLoss(Reduce.MEAN, -100), make.any(4, 5), make.below(5, 4)),
        new Sample(new NllLoss(Reduce.SUM, -100), make.any(5, 4).t(), make.below(5, 4)),
        new Sample(new NllLoss(Reduce.NONE, -100), make.any(2, 3, 4), make.below(3, 2, 4)),
        new Sample(new NllLoss(Reduce.MEAN, 1), make.any(4, 5), Tensor.tensor(0L, 1L, 4L, 1L)));
  }
}
