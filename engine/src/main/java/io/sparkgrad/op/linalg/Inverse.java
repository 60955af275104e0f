package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** The inverses of square matrices; dA = -A⁻ᵀ·g·A⁻ᵀ. */
final class Inverse extends Op {
  @Override
  public String nodeName() {
    return "LinalgInvExBackward0";
  }

  @Override
  public String cudaSupport() {
    return "the solution for the identity";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    GaussElimination.checkSquare(name(), in[0]);
    Tensor out = Ops.call(new Solve(), in[0], GaussElimination.eye(in[0]));
    ctx.save(out);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor y = ctx.saved(0).transpose(-2, -1);
    return new Tensor[] {y.matmul(grads[0]).matmul(y).neg()};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 3)),
        new SampleInput(this, make.any(2, 2, 2).transpose(1, 2)),
        new SampleInput(this, make.any(0, 2, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("batches of square matrices, but they are 2 by 3", make.any(2, 3)),
        errorInput("at least 2 dimensions", make.any(3)));
  }
}
