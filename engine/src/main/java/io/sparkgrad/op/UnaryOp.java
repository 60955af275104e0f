package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.Loops;
import java.util.List;

/**
 * The family of elementwise functions of one number. Integers become float32 first, as in PyTorch.
 */
public abstract class UnaryOp extends PointwiseOp {
  /** Which tensor the derivative is written in. */
  public enum Saves {
    INPUT,
    OUTPUT,
    NOTHING
  }

  private final Saves saves;

  protected UnaryOp(Saves saves) {
    this.saves = saves;
  }

  protected final Saves saves() {
    return saves;
  }

  /** {@code y[i] = f(x[i])}, i from 0 to n - 1. */
  protected abstract void loop(int n, double[] x, double[] y);

  /** The gradient of the input from the one of the output and the saved tensor. */
  protected abstract Tensor derivative(Tensor g, Tensor saved);

  /**
   * Whether the derivative is of pieces of one slope each: it depends on the saved tensor, by
   * zeros.
   */
  protected boolean isPiecewiseLinear() {
    return false;
  }

  /** g·f'(saved) as one loop over float32, g in x[0] and the saved in x[1]; null for none. */
  protected FloatLoop slope() {
    return null;
  }

  @Override
  protected final Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    FloatLoop slope = slope();
    Tensor g = grads[0];
    if (slope == null || g.device().isCuda() || g.dtype() != DType.FLOAT32) return null;
    Tensor dx = Tensor.empty(g.device(), g.dtype(), g.shape());
    Loops.pointwise(ElementType.FLOAT, slope::run, dx, g, ctx.saved(0));
    return new Tensor[] {dx};
  }

  @Override
  protected final String operands() {
    return "x";
  }

  @Override
  protected final void run(int n, double[] y, double[][] x) {
    loop(n, x[0], y);
  }

  @Override
  protected DType operandType(Tensor... in) {
    DType type = in[0].dtype();
    if (!(this instanceof FloatsOnly)) return type.orFloat();
    for (Scalar s : scalars()) s.checked(name(), floating(type));
    return floating(type);
  }

  /** The input's own type, for an op that bools have no part in. */
  public final DType numeric(Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          name() + ": not supported for a bool tensor; convert with .to(dtype)");
    }
    return x.dtype();
  }

  protected final ErrorInput noBools(MakeTensor make) {
    return errorInput(name() + ": not supported for a bool tensor", make.any(2).gt(0));
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    if (saves == Saves.INPUT) ctx.save(in[0]);
    if (saves == Saves.OUTPUT) ctx.save(out);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor saved = saves == Saves.NOTHING ? null : ctx.saved(0);
    Tensor dx = derivative(grads[0], saved);
    return new Tensor[] {isPiecewiseLinear() ? FlatSlope.by(saved, dx) : dx};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, -2, 2);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    if (this instanceof FloatsOnly)
      return List.of(errorInput("not implemented for torch.int64", make.below(3, 2, 3)));
    return List.of(
        errorInputInPlace(
            "result type torch.float32 can't be cast to the desired output type torch.int64",
            make.below(3, 2, 3)));
  }

  /** Samples of several shapes from an interval on which the function is smooth. */
  protected final List<SampleInput> over(MakeTensor make, double lo, double hi) {
    return List.of(
        new SampleInput(this, make.uniform(lo, hi, 3, 4)),
        new SampleInput(this, make.uniform(lo, hi)),
        new SampleInput(this, make.uniform(lo, hi, 0, 3)),
        new SampleInput(this, make.uniform(lo, hi, 4, 3).t()));
  }
}
