package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * The family of elementwise functions of one number. Integers become float32 first, as in PyTorch.
 */
abstract class Unary extends Elementwise {
  /** Which tensor the derivative is written in. */
  enum Saves {
    INPUT,
    OUTPUT,
    NOTHING
  }

  private final Saves saves;

  Unary(Saves saves) {
    this.saves = saves;
  }

  final Saves saves() {
    return saves;
  }

  /** {@code y[i] = f(x[i])}, i from 0 to n - 1. */
  abstract void loop(int n, double[] x, double[] y);

  /** The gradient of the input from the one of the output and the saved tensor. */
  abstract Tensor derivative(Tensor g, Tensor saved);

  /** g·f'(saved) as one loop over float32, g in x[0] and the saved in x[1]; null for none. */
  FloatLoop slope() {
    return null;
  }

  @Override
  final Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    FloatLoop slope = slope();
    Tensor g = grads[0];
    if (slope == null || g.device().isCuda() || g.dtype() != DType.FLOAT32) return null;
    Tensor dx = Tensor.empty(g.device(), g.dtype(), g.shape());
    Loops.pointwise(Lane.FLOAT, slope::run, dx, g, ctx.saved(0));
    return new Tensor[] {dx};
  }

  @Override
  final String operands() {
    return "x";
  }

  @Override
  final void run(int n, double[] y, double[][] x) {
    loop(n, x[0], y);
  }

  @Override
  DType operandType(Tensor... in) {
    DType type = in[0].dtype();
    return this instanceof FloatsOnly ? floating(type) : type.orFloat();
  }

  /** The input's own type, for an op that bools have no part in. */
  final DType numeric(Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          name() + ": not supported for a bool tensor; convert with .to(dtype)");
    }
    return x.dtype();
  }

  final ErrorInput noBools(Samples make) {
    return errorInput(name() + ": not supported for a bool tensor", make.any(2).gt(0));
  }

  @Override
  void save(Context ctx, Tensor out, Tensor... in) {
    if (saves == Saves.INPUT) ctx.save(in[0]);
    if (saves == Saves.OUTPUT) ctx.save(out);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {derivative(grads[0], saves == Saves.NOTHING ? null : ctx.saved(0))};
  }

  @Override
  public List<SampleInput> samples(Samples make) {
    return over(make, -2, 2);
  }

  @Override
  public List<ErrorInput> errors(Samples make) {
    if (this instanceof FloatsOnly)
      return List.of(errorInput("not implemented for torch.int64", make.below(3, 2, 3)));
    return List.of(
        errorInputInPlace(
            "result type torch.float32 can't be cast to the desired output type torch.int64",
            make.below(3, 2, 3)));
  }

  /** Samples of several shapes from an interval on which the function is smooth. */
  final List<SampleInput> over(Samples make, double lo, double hi) {
    return List.of(
        new SampleInput(this, make.uniform(lo, hi, 3, 4)),
        new SampleInput(this, make.uniform(lo, hi)),
        new SampleInput(this, make.uniform(lo, hi, 0, 3)),
        new SampleInput(this, make.uniform(lo, hi, 4, 3).t()));
  }
}
