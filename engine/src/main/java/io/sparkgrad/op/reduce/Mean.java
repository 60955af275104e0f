package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.ArrayList;
import java.util.List;

/** y = Σ x / n over some or all dimensions; the mean of nothing is NaN. */
final class Mean extends DimsOp {
  /** No dims means all. */
  Mean(int[] dims, boolean keepDim) {
    super(dims, keepDim);
  }

  @Override
  public String nodeName() {
    return dims.length == 0 ? "MeanBackward0" : "MeanBackward1";
  }

  @Override
  public String cudaSupport() {
    return "composed of sum and div";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (!x.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "mean(): could not infer output dtype. Input dtype must be a floating point dtype. Got: "
              + x.dtype());
    }
    return new Tensor[] {x.sum(dims, keepDim).div_((double) Dims.count(x.shape(), dims))};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {gradient(grads[0], ctx.inputShape(0), dims)};
  }

  /** g/n for each of n numbers. */
  static Tensor gradient(Tensor given, int[] shape, int[] dims) {
    Tensor g = Dims.restore(given, shape, dims);
    double n = Dims.count(shape, dims);
    return n == 0 ? g.expand(shape) : g.div(n).expand(shape);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(this, make.any()),
        new SampleInput(new Mean(new int[] {1}, false), make.any(2, 3, 4)),
        new SampleInput(new Mean(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(new Mean(new int[] {0}, false), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    List<ErrorInput> errors = new ArrayList<>(super.errors(make));
    errors.add(
        errorInput(
            "mean(): could not infer output dtype. Input dtype must be a floating point dtype. Got: torch.int64",
            make.below(3, 2)));
    return errors;
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Mean(dims, keepDim);
  }
}
