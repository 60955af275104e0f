package io.sparkgrad.op.index;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.SharedEvenly;
import java.util.List;

/**
 * The median of all elements, of two middle ones the lower; NaN if there is one, unless these are
 * to be left out. Equal ones share the gradient evenly.
 */
final class Median extends Op {
  private final boolean ignoresNan;

  Median(boolean ignoresNan) {
    this.ignoresNan = ignoresNan;
  }

  @Override
  public String name() {
    return ignoresNan ? "nanmedian" : "median";
  }

  @Override
  public String nodeName() {
    return ignoresNan ? "NanmedianBackward0" : "MedianBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of sort and gather";
  }

  /** Where along a dimension the median lies, that dimension kept as 1. */
  static Tensor places(Tensor x, int dim, boolean ignoresNan) {
    long n = x.size(dim);
    Tensor order = x.argsort(dim, false);
    Tensor numbers = x.isnan().logicalNot().sum(dim, true);
    Tensor half = half(numbers.sub(1L).clampMin(0));
    Tensor at = ignoresNan ? half : numbers.lt(n).where(numbers, half);
    return order.gather(dim, at);
  }

  /* Of integers, rounded down. */
  private static Tensor half(Tensor t) {
    return t.sub(t.remainder(2L)).div(2).to(io.sparkgrad.DType.INT64);
  }

  /* Of integers the least number, which NaN becomes in PyTorch. */
  private static Tensor ofNothing(Tensor x) {
    Tensor none = x.newEmpty();
    return switch (x.dtype()) {
      case INT64 -> none.fill_(Long.MIN_VALUE);
      case INT32 -> none.fill_((long) Integer.MIN_VALUE);
      case BOOL -> none.fill_(1L);
      default -> none.fill_(x.dtype().isFloatingPoint() ? Double.NaN : 0);
    };
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    if (in[0].numel() > 0) Require.numbers(name(), in[0]);
    Tensor x = in[0];
    Tensor out = x.numel() == 0 ? ofNothing(x) : middle(x.reshape(x.numel()));
    ctx.save(x, out);
    return new Tensor[] {out};
  }

  private Tensor middle(Tensor line) {
    return line.gather(0, places(line, 0, ignoresNan)).reshape();
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (io.sparkgrad.Shape.numel(ctx.inputShape(0)) == 0)
      return new Tensor[] {g.newZeros(ctx.inputShape(0))};
    Tensor x = ctx.saved(0);
    Tensor y = ctx.saved(1).detach();
    return new Tensor[] {SharedEvenly.gradient(g, x, y)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Median(false), make.any(3, 5)),
        new SampleInput(new Median(false), make.any(3, 4).t()),
        new SampleInput(new Median(true), make.any(7)),
        new SampleInput(new Median(true), make.any()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.ERRORS ? "takes every tensor" : super.exempt(check);
  }
}
