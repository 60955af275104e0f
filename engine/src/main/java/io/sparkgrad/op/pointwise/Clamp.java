package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import io.sparkgrad.op.kernel.Bounds;
import java.util.Arrays;
import java.util.List;

/**
 * y = min(max(x, lo), hi), x itself at a bound, NaN if one is; the gradient passes at the bounds
 * themselves, unlike relu's.
 */
final class Clamp extends UnaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  private final Scalar lower;
  private final Scalar upper;
  private final double lo;
  private final double hi;

  /** An absent bound is null. */
  Clamp(Scalar lower, Scalar upper) {
    super(Saves.INPUT);
    this.lower = lower;
    this.upper = upper;
    lo = lower == null ? Double.NEGATIVE_INFINITY : lower.toDouble();
    hi = upper == null ? Double.POSITIVE_INFINITY : upper.toDouble();
  }

  Clamp(double lo, double hi) {
    this(Scalar.of(lo), Scalar.of(hi));
  }

  @Override
  public String name() {
    return upper == null ? "clampMin" : lower == null ? "clampMax" : "clamp";
  }

  @Override
  public String nodeName() {
    if (upper == null) return "ClampMinBackward0";
    return lower == null ? "ClampMaxBackward0" : "ClampBackward1";
  }

  @Override
  protected DType operandType(Tensor... in) {
    DType type = Scalar.meet(in[0].dtype(), lower, upper);
    if (lower != null) lower.checked(name(), type);
    if (upper != null) upper.checked(name(), type);
    return type;
  }

  @Override
  protected String cuda() {
    return "lesser<T>(greater<T>(x, P(0)), P(1))";
  }

  @Override
  protected String cudaHelpers() {
    return Bounds.CUDA;
  }

  @Override
  protected Scalar[] scalars() {
    return new Scalar[] {
      lower == null ? Scalar.of(lo) : lower, upper == null ? Scalar.of(hi) : upper
    };
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) y[i] = Bounds.lesser(Bounds.greater(x[i], lo), hi);
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    if (lo != lo || hi != hi) Arrays.fill(y, 0, n, Float.NaN);
    else FloatKernels.best().clamp(n, x[0], 0, (float) lo, (float) hi, y, 0);
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    long least = lower == null ? Long.MIN_VALUE : lower.toLong();
    long most = upper == null ? Long.MAX_VALUE : upper.toLong();
    for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(x[0][i], least), most);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return x.ge(lo).mul(x.le(hi)).where(g, Tensor.zeros(g.dtype()));
  }

  @Override
  protected FloatLoop slope() {
    return this::slope;
  }

  private void slope(int n, float[] y, float[][] x) {
    float least = (float) lo;
    float most = (float) hi;
    for (int i = 0; i < n; i++) {
      float v = x[1][i];
      y[i] = v >= least && v <= most ? x[0][i] : 0;
    }
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Clamp(-1, 1), make.uniform(-0.9, 0.9, 3, 4)),
        new SampleInput(new Clamp(-1, 1), make.uniform(1.1, 2, 3)),
        new SampleInput(new Clamp(0, Double.POSITIVE_INFINITY), make.positive()),
        new SampleInput(new Clamp(Double.NEGATIVE_INFINITY, 0.1), make.positive(0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Clamp(0.5, 1)
            .errorInputInPlace(
                "result type torch.float32 can't be cast to the desired output type torch.int64",
                make.below(3, 2)));
  }
}
