package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.SharedEvenly;
import io.sparkgrad.op.kernel.Dims;

/**
 * The family of the largest and the smallest element over dimensions, NaN if there is one; equal
 * ones share the gradient evenly. Over dimensions the gradient beside a NaN is NaN.
 */
abstract class AmaxAmin extends ReduceOp {
  private final boolean largest;

  AmaxAmin(boolean largest, int[] dims, boolean keepDim) {
    super(dims, keepDim);
    this.largest = largest;
  }

  /* Over all elements it is what PyTorch's max() and min() record. */
  @Override
  public String nodeName() {
    String full = largest ? "MaxBackward1" : "MinBackward1";
    return dims.length == 0 ? full : super.nodeName();
  }

  @Override
  boolean takesNothing() {
    return false;
  }

  @Override
  double fold(int n, double[] x) {
    double best = x[0];
    for (int i = 1; i < n; i++) best = largest ? Math.max(best, x[i]) : Math.min(best, x[i]);
    return best;
  }

  @Override
  long fold(int n, long[] x) {
    long best = x[0];
    for (int i = 1; i < n; i++) best = largest ? Math.max(best, x[i]) : Math.min(best, x[i]);
    return best;
  }

  @Override
  String cudaFold() {
    return foldOf(largest, "T", "ordered<T>(a.value)");
  }

  /** A fold by reduce.cuh's Largest; the smallest is the largest in reversed order. */
  static String foldOf(boolean largest, String result, String expression) {
    String reversed =
        """
        template <class T> __device__ T ordered(T x) { return -x; }
        template <> __device__ long long ordered<long long>(long long x) { return ~x; }
        """;
    return (largest ? "template <class T> __device__ T ordered(T x) { return x; }\n" : reversed)
        + "template <class T> struct Fold : Largest<T> {\n"
        + "  using A = typename Largest<T>::A;\n"
        + "  static __device__ A of(T x, int index) { return A{ordered<T>(x), index}; }\n"
        + ("  static __device__ " + result + " result(A a) { return " + expression + "; }\n")
        + "};\n";
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    Tensor x = ctx.saved(0);
    Tensor y = Dims.restore(ctx.saved(1).detach(), shape, dims);
    if (dims.length == 0) return new Tensor[] {SharedEvenly.gradient(grads[0], x, y)};
    /* NaN equals nothing: the share of none is NaN. */
    Tensor mask = x.eq(y).to(grads[0].dtype());
    Tensor winners = mask.sum(dims, true);
    return new Tensor[] {Dims.restore(grads[0], shape, dims).div(winners).mul(mask)};
  }
}
