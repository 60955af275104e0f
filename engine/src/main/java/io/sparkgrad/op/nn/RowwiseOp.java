package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/**
 * The family of ops that turn each row along one dimension into a row of the same length: softmax
 * and its kin.
 */
abstract class RowwiseOp extends Op {
  /* Elements of a row that a warp holds in registers, as in rows.cuh. */
  private static final int FLOATS_IN_WARP = 1024;
  private static final int DOUBLES_IN_WARP = 128;

  final int dim;

  RowwiseOp(int dim) {
    this.dim = dim;
  }

  /** The longest row that a warp holds. */
  static int heldInWarp(DType type) {
    return type == DType.FLOAT32 ? FLOATS_IN_WARP : DOUBLES_IN_WARP;
  }

  /** Rewrites {@code row[0..n)}. */
  abstract void row(int n, double[] row);

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.numel() > 0) Require.floats(name(), x);
    int d = Shape.dim(dim, x.dim());
    Tensor out = Tensor.empty(x.device(), x.dtype(), x.shape());
    if (out.numel() > 0) {
      if (x.device().isCuda()) onCuda(x, d, out);
      else each(x, d, out);
    }
    ctx.save(out);
    return new Tensor[] {out};
  }

  /**
   * The CUDA C expression of a result in x, the row's maximum most and the sum of exp(x - most).
   */
  abstract String cuda();

  @Override
  public String cudaSource() {
    String text = "#include \"rows.cuh\"\n\n";
    for (DType t : List.of(DType.FLOAT32, DType.FLOAT64)) {
      text += String.format("ROWS(%s, %s, %s, %s)%n", unit(), t.kernelSuffix(), t.cName(), cuda());
    }
    return text;
  }

  private void onCuda(Tensor x, int d, Tensor out) {
    CudaDevice device = CudaDevice.of(x.device().ordinal());
    int n = x.dim() == 0 ? 1 : x.shape()[d];
    int rows = out.numel() / n;
    int[] kept = Dims.of(name(), x, new int[] {d}, false).kept();
    int bytes = x.dtype().bytes();
    KernelArgs args =
        device
            .args()
            .pointer(x.storage().memory(), (long) x.offset() * bytes)
            .pointer(out.storage().memory(), 0)
            .i32(rows)
            .i32(n)
            .i32(x.dim() == 0 ? 1 : x.strides()[d])
            .i32(x.dim() == 0 ? 1 : out.strides()[d]);
    CudaReduce.add(args, name(), StridedIterator.relative(kept, x, out));
    boolean inWarp = n <= heldInWarp(x.dtype());
    CudaKernel kernel =
        device.kernel(unit(), unit() + (inWarp ? "_warp_" : "_block_") + x.dtype().kernelSuffix());
    kernel.launch(args, kernel.blocks(rows, inWarp ? 4 : 1), inWarp ? 128 : 256);
  }

  private void each(Tensor x, int d, Tensor out) {
    int n = x.dim() == 0 ? 1 : x.shape()[d];
    int from = x.dim() == 0 ? 1 : x.strides()[d];
    int to = x.dim() == 0 ? 1 : out.strides()[d];
    int[] kept = Dims.of(name(), x, new int[] {d}, false).kept();
    StridedIterator iterator = StridedIterator.over(kept, x, out);
    double[] row = new double[n];
    do {
      for (int i = 0; i < iterator.run; i++) {
        ElementType.DOUBLE.load(x.storage(), iterator.at(0, i), from, n, row);
        row(n, row);
        ElementType.DOUBLE.store(row, out.storage(), iterator.at(1, i), to, n);
      }
    } while (iterator.next());
  }

  static double max(int n, double[] row) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) max = Math.max(max, row[i]);
    return max;
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(with(1), make.any(3, 5)),
        new SampleInput(with(0), make.any(3, 5)),
        new SampleInput(with(-1), make.any(2, 3, 4)),
        new SampleInput(with(1), make.any(2, 3, 4)),
        new SampleInput(with(0), make.any()),
        new SampleInput(with(0), make.any(0, 3)),
        new SampleInput(with(0), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        with(2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        errorInput("not implemented for torch.int64", make.below(3, 2)));
  }

  abstract RowwiseOp with(int dim);
}
