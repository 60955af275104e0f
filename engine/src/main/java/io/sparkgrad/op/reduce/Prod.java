package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * y = Π x over one dimension or all elements; dx = g times the product of the others, which is
 * taken from both sides rather than by a division, so that it is right at zeros, too.
 */
final class Prod extends ReduceOp {
  /** No dims means all, and more than one is not supported. */
  Prod(int[] dims, boolean keepDim) {
    super(dims, keepDim);
  }

  @Override
  public String nodeName() {
    return dims.length == 0 ? "ProdBackward0" : "ProdBackward1";
  }

  @Override
  DType resultType(DType x) {
    return x.isFloatingPoint() ? x : DType.INT64;
  }

  @Override
  boolean takesNothing() {
    return true;
  }

  @Override
  double fold(int n, double[] x) {
    double product = 1;
    for (int i = 0; i < n; i++) product *= x[i];
    return product;
  }

  @Override
  long fold(int n, long[] x) {
    long product = 1;
    for (int i = 0; i < n; i++) product *= x[i];
    return product;
  }

  @Override
  String cudaFold() {
    return """
        template <class T> struct Wide { using A = double; };
        template <> struct Wide<long long> { using A = long long; };
        template <class T> struct Fold {
          using A = typename Wide<T>::A;
          static __device__ A none() { return 1; }
          static __device__ A of(T x, int) { return x; }
          static __device__ A join(A a, A b) { return a * b; }
          static __device__ T result(A a) { return T(a); }
        };
        """;
  }

  @Override
  void save(Context ctx, Tensor out, Tensor x) {
    ctx.save(x, out);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    Tensor x = ctx.saved(0);
    Tensor line = dims.length == 0 ? x.reshape(x.numel()) : x;
    int d = dims.length == 0 ? 0 : Shape.dim(dims[0], shape.length);
    Tensor g = Dims.restore(grads[0], shape, dims);
    if (line.numel() == 0 || shape.length == 0) return new Tensor[] {g.expand(shape)};
    Tensor others =
        Scan.productOfOthers(line, d, false)
            .mul(Scan.productOfOthers(line, d, true))
            .reshape(shape);
    return new Tensor[] {g.mul(others)};
  }

  @Override
  ReduceOp with(int[] dims, boolean keepDim) {
    return new Prod(dims.length > 1 ? new int[] {dims[0]} : dims, keepDim);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Prod(new int[] {2}, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
