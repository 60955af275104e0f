package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import io.sparkgrad.op.kernel.Special;
import java.util.List;

/** y = xᵉ for one number e; dy/dx = e·xᵉ⁻¹, exactly 0 for e = 0, at x = 0 too. */
final class PowScalar extends UnaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  private final Scalar given;
  private final double exponent;

  PowScalar(Scalar exponent) {
    super(Saves.INPUT);
    given = exponent;
    this.exponent = exponent.toDouble();
  }

  PowScalar(double exponent) {
    this(Scalar.of(exponent));
  }

  @Override
  public String name() {
    return "pow";
  }

  @Override
  public String nodeName() {
    return "PowBackward0";
  }

  @Override
  protected DType operandType(Tensor... in) {
    DType type = Scalar.meet(in[0].dtype(), given);
    if (exponent < 0 && !type.isFloatingPoint()) {
      throw new IllegalArgumentException(
          "pow: Integers to negative integer powers are not allowed.");
    }
    if (!type.isFloatingPoint()) given.checked(name(), type); // else beyond the type is infinite
    return type;
  }

  @Override
  protected String cuda() {
    return "root_or_power(x, P(0))";
  }

  @Override
  protected String cudaHelpers() {
    return """
        template <class T> __device__ T root_or_power(T x, T e) {
          return e == T(0.5) ? sqrt(x) : e == T(-0.5) ? 1 / sqrt(x) : power(x, e);
        }
        template <> __device__ long long root_or_power<long long>(long long x, long long e) { return power(x, e); }
        """;
  }

  @Override
  protected Scalar[] scalars() {
    return new Scalar[] {given};
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    if (exponent == 2) for (int i = 0; i < n; i++) y[i] = x[i] * x[i];
    else for (int i = 0; i < n; i++) y[i] = power(x[i]);
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    if (exponent == 2) for (int i = 0; i < n; i++) y[i] = a[i] * a[i];
    else for (int i = 0; i < n; i++) y[i] = (float) power(a[i]);
  }

  /* Roots are those of sqrt, which of -0 and -∞ are not those of pow. */
  private double power(double x) {
    if (exponent == 0.5) return Math.sqrt(x);
    if (exponent == -0.5) return 1 / Math.sqrt(x);
    return Special.pow(x, exponent);
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) y[i] = power(x[0][i], given.toLong());
  }

  /** By squares, modulo 2^64. */
  static long power(long base, long exponent) {
    long power = 1;
    long square = base;
    for (long e = exponent; e > 0; e >>= 1, square *= square) if ((e & 1) == 1) power *= square;
    return power;
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    if (exponent == 0) ctx.save((Tensor) null);
    else super.save(ctx, out, in);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    if (exponent == 0) return g.newZeros(g.shape());
    if (exponent == 1) return g;
    if (exponent == 2) return g.mul(x.mul(2));
    return g.mul(x.pow(exponent - 1).mul(exponent));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new PowScalar(2), make.any(3, 4)),
        new SampleInput(new PowScalar(3), make.any()),
        new SampleInput(new PowScalar(1), make.any(0, 3)),
        new SampleInput(new PowScalar(0), make.any(3)),
        new SampleInput(new PowScalar(0.5), make.positive(4, 3).t()),
        new SampleInput(new PowScalar(-1), make.positive(3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new PowScalar(Scalar.of(-1))
            .errorInput("Integers to negative integer powers are not allowed.", make.below(3, 2)));
  }
}
