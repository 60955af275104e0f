package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/** The index of the largest element along a dimension, the first one of several. No derivative. */
class Argmax extends Op {
  private final int dim;
  private final boolean keepDim;

  private final boolean largest;

  Argmax(int dim, boolean keepDim) {
    this(true, dim, keepDim);
  }

  Argmax(boolean largest, int dim, boolean keepDim) {
    this.largest = largest;
    this.dim = dim;
    this.keepDim = keepDim;
  }

  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    boolean compares = x.numel() > 0 && (x.dim() == 0 || x.size(dim) != 1);
    if (compares) Require.numbers(name(), x);
    return new Tensor[] {along(largest, name(), x, dim, keepDim)};
  }

  static Tensor along(boolean largest, String op, Tensor x, int dim, boolean keepDim) {
    int d = Shape.dim(dim, x.dim());
    if (x.dim() == 0) return Tensor.zeros(x.device(), DType.INT64);
    if (x.shape()[d] == 0) {
      throw new IndexOutOfBoundsException(
          "%s(): Expected reduction dim %s to have non-zero size.".formatted(op, d));
    }
    Dims dims = Dims.of(op, x, new int[] {d}, keepDim);
    Tensor out = Tensor.zeros(x.device(), DType.INT64, dims.result());
    if (out.numel() == 0 || x.shape()[d] == 1) return out;
    if (x.device().isCuda()) {
      reduceOnCuda(largest ? "argmax" : "argmin", x, dims, out);
      return out;
    }
    StridedIterator iterator = StridedIterator.over(dims.kept(), x);
    int step = x.strides()[d];
    int k = 0;
    do {
      for (int i = 0; i < iterator.run; i++) {
        int at = iterator.at(0, i);
        int best = MaxDim.best(largest, x.storage(), at, at, step, x.shape()[d]);
        out.storage().<long[]>array()[k++] = step == 0 ? 0 : (best - at) / step;
      }
    } while (iterator.next());
    return out;
  }

  @Override
  public String cudaSource() {
    return CudaReduce.source(
        unit(),
        AmaxAmin.foldOf(largest, "long long", "a.index"),
        "long long",
        DType.FLOAT32,
        DType.FLOAT64,
        DType.INT64);
  }

  /** By the kernels of a fold that compares; integers are compared as int64. */
  static void reduceOnCuda(String unit, Tensor x, Dims dims, Tensor out) {
    boolean small = !x.dtype().isFloatingPoint() && x.dtype() != DType.INT64;
    Tensor compared = small ? Ops.copy(x, x.device(), DType.INT64) : x;
    boolean same = out.dtype() == compared.dtype() || out.dtype() == DType.INT64;
    Tensor y = same ? out : Tensor.empty(x.device(), DType.INT64, out.shape());
    CudaReduce.run(unit, compared, dims, y);
    if (y != out) Copy.copy(y, out);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    throw new IllegalStateException("the derivative for %s is not implemented".formatted(name()));
  }

  Argmax with(int dim, boolean keepDim) {
    return new Argmax(dim, keepDim);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(with(1, false), make.any(3, 5)),
        new SampleInput(with(0, true), make.any(4, 3).t()));
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
