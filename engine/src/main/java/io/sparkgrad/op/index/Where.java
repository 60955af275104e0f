package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** y = a where the condition holds, else b; each side gets the gradient where it was taken. */
final class Where extends PointwiseOp implements PointwiseOp.LongLoop, Op.TakesStorageTypes {
  private final boolean contiguous;

  Where() {
    this(false);
  }

  private Where(boolean contiguous) {
    this.contiguous = contiguous;
  }

  /** With the result in row-major order, whatever that of the condition. */
  static Where contiguous() {
    return new Where(true);
  }

  @Override
  protected Tensor newResult(DType dtype, int[] shape, Tensor... in) {
    return contiguous
        ? Tensor.empty(Ops.device(in), dtype, shape)
        : super.newResult(dtype, shape, in);
  }

  @Override
  protected DType operandType(Tensor... in) {
    if (in[0].dtype() != DType.BOOL) {
      throw new IllegalArgumentException(
          "where: expected condition to be a boolean tensor, but got " + in[0].dtype());
    }
    return DType.promote(in[1], in[2]);
  }

  @Override
  protected String cuda() {
    return "a != 0 ? b : c";
  }

  @Override
  protected String operands() {
    return "a, b, c";
  }

  @Override
  protected void run(int n, double[] y, double[][] x) {
    for (int i = 0; i < n; i++) y[i] = x[0][i] != 0 ? x[1][i] : x[2][i];
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) y[i] = x[0][i] != 0 ? x[1][i] : x[2][i];
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(in[0]);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor condition = ctx.saved(0);
    Tensor zero = Tensor.zeros(grads[0].dtype());
    return new Tensor[] {
      null,
      ctx.needsGrad(1) ? condition.where(grads[0], zero) : null,
      ctx.needsGrad(2) ? condition.where(zero, grads[0]) : null
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4).gt(0), make.any(3, 4), make.any(4)),
        new SampleInput(this, make.any(3, 1).gt(0), make.any(), make.any(3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "expected condition to be a boolean tensor, but got torch.float64",
            make.any(3),
            make.any(3),
            make.any(3)),
        errorInput(
            "The size of tensor a (3) must match the size of tensor b (4)",
            make.any(3).gt(0),
            make.any(4),
            make.any()));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case IN_PLACE -> "its first operand is a mask";
      default -> super.exempt(check);
    };
  }
}
