package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.ArrayList;
import java.util.List;

/** y = a + alpha·b; subtraction is alpha = -1 under the name PyTorch gives it. Saves nothing. */
final class Add extends BinaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  private static final Scalar ONE = Scalar.of(1);

  private final Scalar alpha;
  private final boolean subtracts;

  Add() {
    this(ONE, false);
  }

  Add(Scalar alpha) {
    this(alpha, false);
  }

  private Add(Scalar alpha, boolean subtracts) {
    this.alpha = alpha;
    this.subtracts = subtracts;
  }

  /** y = a - b. */
  static Add sub() {
    return sub(ONE);
  }

  /** y = a - alpha·b. */
  static Add sub(Scalar alpha) {
    return new Add(alpha, true);
  }

  /* The factor of b. */
  private double factor() {
    return subtracts ? -alpha.toDouble() : alpha.toDouble();
  }

  private long wholeFactor() {
    return subtracts ? -alpha.toLong() : alpha.toLong();
  }

  @Override
  public String name() {
    return subtracts ? "sub" : "add";
  }

  @Override
  public String nodeName() {
    return subtracts ? "SubBackward0" : "AddBackward0";
  }

  @Override
  protected DType operandType(Tensor... in) {
    if (subtracts && (in[0].dtype() == DType.BOOL || in[1].dtype() == DType.BOOL)) {
      throw new IllegalArgumentException(
          "sub: Subtraction with a bool tensor is not supported: %s and %s; convert with .to(dtype), or compare with ne"
              .formatted(in[0].dtype(), in[1].dtype()));
    }
    DType type = DType.promote(in);
    if (alpha != ONE) check(type);
    return type;
  }

  private void check(DType type) {
    if (!type.isFloatingPoint() && !alpha.isWhole()) {
      throw new IllegalArgumentException(
          "%s: For integral input tensors, argument alpha must not be a floating point number, got %s"
              .formatted(name(), alpha));
    }
    alpha.checked(name(), type);
  }

  @Override
  protected String cuda() {
    return "a + P(0) * b";
  }

  @Override
  protected Scalar[] scalars() {
    return new Scalar[] {alpha.isWhole() ? Scalar.of(wholeFactor()) : Scalar.of(factor())};
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    double factor = factor();
    for (int i = 0; i < n; i++) y[i] = a[i] + factor * b[i];
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float[] b = x[1];
    float factor = (float) factor();
    if (factor == 1) for (int i = 0; i < n; i++) y[i] = a[i] + b[i];
    else if (factor == -1) for (int i = 0; i < n; i++) y[i] = a[i] - b[i];
    else for (int i = 0; i < n; i++) y[i] = Math.fma(b[i], factor, a[i]);
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    long factor = wholeFactor();
    for (int i = 0; i < n; i++) y[i] = x[0][i] + factor * x[1][i];
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    double factor = factor();
    Tensor gb = !ctx.needsGrad(1) ? null : factor == 1 ? g : factor == -1 ? g.neg() : g.mul(factor);
    return new Tensor[] {ctx.needsGrad(0) ? g : null, gb};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    List<SampleInput> samples = new ArrayList<>(super.samples(make));
    samples.addAll(sub(Scalar.of(0.5)).plainSamples(make));
    return samples;
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    List<ErrorInput> errors = new ArrayList<>(super.errors(make));
    errors.add(
        new Add(Scalar.of(0.5))
            .errorInput(
                "argument alpha must not be a floating point number",
                make.below(3, 2),
                make.below(3, 2)));
    errors.add(
        sub()
            .errorInput(
                "Subtraction with a bool tensor is not supported", make.any(2).gt(0), make.any(2)));
    return errors;
  }

  private List<SampleInput> plainSamples(MakeTensor make) {
    return super.samples(make);
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    if (in[0] instanceof RowSparse a) {
      Tensor b = in[1].mul(factor());
      return b instanceof RowSparse rows ? a.plus(rows) : b.add(a);
    }
    RowSparse b = (RowSparse) in[1];
    return in[0].clone().indexAdd(0, b.indices().squeeze(0), b.values(), factor());
  }

  @Override
  protected Tensor inPlaceSparse(Tensor target, Tensor... others) {
    RowSparse b = (RowSparse) others[0];
    Tensor values = factor() == 1 ? b.values() : b.values().mul(factor());
    return target.indexAdd_(0, b.indices().squeeze(0), values.to(target.dtype()));
  }
}
