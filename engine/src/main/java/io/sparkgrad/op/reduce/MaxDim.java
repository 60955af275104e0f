package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * The largest element along a dimension and its index, the first one of several; the gradient goes
 * to that element.
 */
class MaxDim extends Op {
  private final int dim;
  private final boolean keepDim;

  private final boolean largest;

  MaxDim(int dim, boolean keepDim) {
    this(true, dim, keepDim);
  }

  MaxDim(boolean largest, int dim, boolean keepDim) {
    this.largest = largest;
    this.dim = dim;
    this.keepDim = keepDim;
  }

  @Override
  public String name() {
    return largest ? "max" : "min";
  }

  @Override
  public String nodeName() {
    return largest ? "MaxBackward0" : "MinBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of " + (largest ? "argmax" : "argmin") + " and gather";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor indices = Argmax.along(largest, name(), x, dim, keepDim);
    Tensor kept =
        keepDim || x.dim() == 0 ? indices : indices.unsqueeze(dim < 0 ? dim + x.dim() : dim);
    Tensor values = x.dim() == 0 ? Ops.copy(x) : x.gather(dim, kept).reshape(indices.shape());
    ctx.save(kept);
    return new Tensor[] {values, indices};
  }

  /**
   * Where the best of the element at {@code best} and a run of n elements lies; NaN is the best of
   * all.
   */
  static int best(boolean largest, Storage s, int best, int at, int step, int n) {
    if (s.dtype() == DType.INT64) {
      long[] a = s.array();
      for (int i = 0, k = at; i < n; i++, k += step)
        if (largest ? a[k] > a[best] : a[k] < a[best]) best = k;
      return best;
    }
    double most = s.getDouble(best);
    for (int i = 0; i < n && !Double.isNaN(most); i++) {
      double v = s.getDouble(at + i * step);
      if ((largest ? v > most : v < most) || Double.isNaN(v)) {
        most = v;
        best = at + i * step;
      }
    }
    return best;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor indices = ctx.saved(0);
    Tensor g = grads[0];
    if (indices.dim() == 0) return new Tensor[] {g};
    Tensor zeros = g.newZeros(ctx.inputShape(0));
    Tensor back = zeros.scatterAdd(dim, indices, g.reshape(indices.shape()));
    return new Tensor[] {Ops.named("ScatterBackward0", back)};
  }

  MaxDim with(int dim, boolean keepDim) {
    return new MaxDim(dim, keepDim);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(with(1, false), make.any(3, 5)),
        new SampleInput(with(0, true), make.any(3, 5)),
        new SampleInput(with(-1, false), make.any()),
        new SampleInput(with(0, false), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        with(2, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        with(0, false)
            .errorInput("Expected reduction dim 0 to have non-zero size.", make.any(0, 3)));
  }
}
