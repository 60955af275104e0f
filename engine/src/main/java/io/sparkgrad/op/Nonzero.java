package io.sparkgrad.op;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.List;

/** The indices of the elements that are not 0, a row each, in row-major order. No derivative. */
final class Nonzero extends Op {
  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  public String onCuda() {
    return "on the CPU: how many there are must be known";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    boolean[] found = Ops.copy(x.ne(0L), Device.CPU, io.sparkgrad.DType.BOOL).storage().array();
    int rank = x.dim();
    long[] indices = new long[found.length * rank];
    int rows = 0;
    for (int i = 0; i < found.length; i++) {
      if (!found[i]) continue;
      for (int d = rank - 1, rest = i; d >= 0; rest /= x.shape()[d--])
        indices[rows * rank + d] = rest % x.shape()[d];
      rows++;
    }
    Tensor out = Tensor.of(Arrays.copyOf(indices, rows * rank), rows, rank);
    return new Tensor[] {out.to(x.device())};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    throw new IllegalStateException("the derivative for nonzero is not implemented");
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(this, make.below(2, 3, 4)),
        new Sample(this, make.below(2, 5)),
        new Sample(this, make.below(2)));
  }
}
