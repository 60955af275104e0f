package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/**
 * The family of reductions whose CPU form reads all folded elements of one result in a run. Floats
 * are folded in double, integers and bools exactly as int64.
 */
abstract class ReduceOp extends DimsOp {
  /** No dims means all. */
  ReduceOp(int[] dims, boolean keepDim) {
    super(dims, keepDim);
  }

  /** The fold of {@code x[0..n)}. */
  abstract double fold(int n, double[] x);

  abstract long fold(int n, long[] x);

  /** The CUDA C of {@code template <class T> struct Fold}, as reduce.cuh wants it. */
  abstract String cudaFold();

  /** Whether the fold of no elements has a value. */
  abstract boolean takesNothing();

  DType resultType(DType x) {
    return x;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Dims d = Dims.of(name(), x, dims, keepDim);
    Tensor out = Tensor.zeros(x.device(), resultType(x.dtype()), d.result());
    if (!takesNothing() && x.numel() == 0) checkFolds(x, d);
    if (out.numel() > 0) {
      if (x.device().isCuda()) Argmax.reduceOnCuda(unit(), x, d, out);
      else each(x, d, out);
    }
    save(ctx, out, x);
    return new Tensor[] {out};
  }

  private void checkFolds(Tensor x, Dims d) {
    if (dims.length == 0)
      throw new IndexOutOfBoundsException(
          name() + "(): Expected reduction dim to be specified for input.numel() == 0.");
    for (int folded : d.folded()) {
      if (x.size(folded) == 0)
        throw new IndexOutOfBoundsException(
            "%s(): Expected reduction dim %d to have non-zero size.".formatted(name(), folded));
    }
  }

  void save(Context ctx, Tensor out, Tensor x) {
    ctx.save(x, out);
  }

  private void each(Tensor x, Dims d, Tensor out) {
    int n = io.sparkgrad.Shape.numel(Dims.pick(x.shape(), d.folded()));
    boolean whole = !x.dtype().isFloatingPoint();
    double[] floats = new double[whole ? 0 : n];
    long[] longs = new long[whole ? n : 0];
    StridedIterator outer = StridedIterator.from(x.offset(), d.kept(), x);
    int k = 0;
    do {
      for (int i = 0; i < outer.run; i++) {
        int at = outer.at(0, i);
        if (whole) {
          load(ElementType.LONG, x, d.folded(), at, longs);
          out.storage().set(k++, fold(n, longs));
        } else {
          load(ElementType.DOUBLE, x, d.folded(), at, floats);
          out.storage().set(k++, fold(n, floats));
        }
      }
    } while (outer.next());
  }

  private static <A> void load(ElementType<A> elementType, Tensor x, int[] folded, int at, A to) {
    if (x.numel() == 0) return;
    StridedIterator inner = StridedIterator.from(at, folded, x);
    A run = inner.rank() == 1 ? to : elementType.scratch(inner.run);
    int k = 0;
    do {
      elementType.load(x.storage(), inner.at(0), inner.step(0), inner.run, run);
      if (run != to) System.arraycopy(run, 0, to, k, inner.run);
      k += inner.run;
    } while (inner.next());
    if (run != to) elementType.release(run);
  }

  @Override
  public String cudaSource() {
    return CudaReduce.source(unit(), cudaFold(), "T", DType.FLOAT32, DType.FLOAT64, DType.INT64);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(with(new int[] {0}, false), make.any(2, 3, 4)),
        new SampleInput(with(new int[0], false), make.any(3, 4)),
        new SampleInput(with(new int[0], false), make.any()),
        new SampleInput(with(new int[] {-1}, false), make.any(2, 3, 4)),
        new SampleInput(with(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(with(new int[] {1}, false), make.any(4, 3).t()),
        new SampleInput(with(new int[] {1}, false), make.any(0, 3)));
  }
}
