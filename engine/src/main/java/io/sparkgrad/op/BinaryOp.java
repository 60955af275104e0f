package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import java.util.List;

/** The family of elementwise functions of two numbers, operands promoted and broadcast. */
public abstract class BinaryOp extends PointwiseOp {
  /** {@code y[i] = f(a[i], b[i])}, i from 0 to n - 1. */
  protected abstract void loop(int n, double[] a, double[] b, double[] y);

  @Override
  protected final String operands() {
    return "a, b";
  }

  @Override
  protected final void run(int n, double[] y, double[][] x) {
    loop(n, x[0], x[1], y);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, left(make, 3, 4), right(make, 3, 4)),
        new SampleInput(this, left(make, 3, 4), right(make, 4)),
        new SampleInput(this, left(make, 2, 1, 4), right(make, 3, 1)),
        new SampleInput(this, left(make), right(make, 2, 3)),
        new SampleInput(this, left(make, 2, 0), right(make, 1, 1)),
        new SampleInput(this, left(make, 4, 3).t(), right(make, 3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1",
            left(make, 2, 3),
            right(make, 2, 4)),
        errorInputInPlace(
            "output with shape [3] doesn't match the broadcast shape [2, 3]",
            left(make, 3),
            right(make, 2, 3)));
  }

  protected Tensor left(MakeTensor make, int... shape) {
    return make.any(shape);
  }

  protected Tensor right(MakeTensor make, int... shape) {
    return make.any(shape);
  }
}
