package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.ArrayList;
import java.util.List;

/**
 * y = a/b rounded down or towards 0, of integers an integer; its derivative is 0 everywhere, and
 * floorDivide, as in PyTorch, has none.
 */
final class DivRounded extends BinaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  enum Mode {
    TRUNC,
    FLOOR,
    FLOOR_DIVIDE
  }

  private final Mode roundingMode;

  DivRounded(Mode roundingMode) {
    this.roundingMode = roundingMode;
  }

  static DivRounded of(String roundingMode) {
    return switch (roundingMode) {
      case "trunc" -> new DivRounded(Mode.TRUNC);
      case "floor" -> new DivRounded(Mode.FLOOR);
      default ->
          throw new IllegalArgumentException(
              "div expected rounding_mode to be one of 'trunc' or 'floor' but found '%s'"
                  .formatted(roundingMode));
    };
  }

  @Override
  public String name() {
    return roundingMode == Mode.FLOOR_DIVIDE ? "floorDivide" : "div";
  }

  @Override
  public String nodeName() {
    return roundingMode == Mode.FLOOR_DIVIDE ? "NotImplemented" : "DivBackward2";
  }

  @Override
  protected DType operandType(Tensor... in) {
    return BinaryFunctions.dividend(this, in);
  }

  @Override
  protected String cuda() {
    return "rounded(a, b, P(0) != 0)";
  }

  @Override
  protected double[] attributes() {
    return new double[] {roundingMode.ordinal()};
  }

  /* By the remainder, as in Python: a/b itself may already be rounded to the next whole number. */
  @Override
  protected String cudaHelpers() {
    return """
        template <class T> __device__ T rounded(T a, T b, bool down) {
          if (!down || b == 0) return down ? a / b : trunc(a / b);
          const T m = fmod(a, b);
          T d = (a - m) / b;
          if (m != 0 && (b < 0) != (m < 0)) d -= 1;
          const T whole = floor(d);
          return d == 0 ? copysign(T(0), a / b) : d - whole > T(0.5) ? whole + 1 : whole;
        }
        template <> __device__ long long rounded<long long>(long long a, long long b, bool down) {
          if (b == 0 || b == -1) return b == 0 ? 0 : -a;
          const long long d = a / b;
          return down && a % b != 0 && (a < 0) != (b < 0) ? d - 1 : d;
        }
        """;
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    boolean down = roundingMode != Mode.TRUNC;
    for (int i = 0; i < n; i++) y[i] = down ? floor(a[i], b[i]) : trunc(a[i] / b[i]);
  }

  /* A quotient of floats is one, before it is rounded. */
  @Override
  public void run(int n, float[] y, float[][] x) {
    boolean down = roundingMode != Mode.TRUNC;
    for (int i = 0; i < n; i++) {
      float a = x[0][i];
      float b = x[1][i];
      y[i] = down ? floor(a, b) : (float) trunc(a / b);
    }
  }

  private static float floor(float a, float b) {
    if (b == 0) return a / b;
    float m = a % b;
    float d = (a - m) / b;
    if (m != 0 && b < 0 != m < 0) d -= 1;
    if (d == 0) return Math.copySign(0f, a / b);
    float whole = (float) Math.floor(d);
    return d - whole > 0.5f ? whole + 1 : whole;
  }

  private static double trunc(double x) {
    return x < 0 ? Math.ceil(x) : Math.floor(x);
  }

  private static double floor(double a, double b) {
    if (b == 0) return a / b;
    double m = a % b;
    double d = (a - m) / b;
    if (m != 0 && b < 0 != m < 0) d -= 1;
    if (d == 0) return Math.copySign(0.0, a / b);
    double whole = Math.floor(d);
    return d - whole > 0.5 ? whole + 1 : whole;
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    boolean down = roundingMode != Mode.TRUNC;
    for (int i = 0; i < n; i++) {
      long a = x[0][i];
      long b = x[1][i];
      y[i] = down ? Math.floorDiv(a, b) : a / b;
    }
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(ctx.needsGrad(1) ? in[0] : null, in[1]);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    if (roundingMode == Mode.FLOOR_DIVIDE)
      throw new AutogradException(
          "derivative for floorDivide is not implemented; use div(other, \"floor\")");
    Tensor zeros = grads[0].newZeros(grads[0].shape());
    return new Tensor[] {ctx.needsGrad(0) ? zeros : null, ctx.needsGrad(1) ? zeros : null};
  }

  @Override
  protected Tensor left(MakeTensor make, int... shape) {
    return make.uniform(2.1, 2.9, shape);
  }

  @Override
  protected Tensor right(MakeTensor make, int... shape) {
    return make.uniform(-1, -0.8, shape);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    List<SampleInput> samples = new ArrayList<>(super.samples(make));
    Op other = new DivRounded(roundingMode == Mode.FLOOR ? Mode.TRUNC : Mode.FLOOR);
    samples.add(new SampleInput(other, left(make, 3, 4), right(make, 4)));
    for (Op op : List.of(this, other))
      samples.add(new SampleInput(op, make.below(40, 3, 4).sub(20), make.below(7, 4).sub(7)));
    return samples;
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    List<ErrorInput> errors = new ArrayList<>(super.errors(make));
    errors.add(errorInput("ZeroDivisionError", make.below(3, 2), make.below(1, 2)));
    errors.add(
        new ErrorInput(
            "div expected rounding_mode to be one of 'trunc' or 'floor' but found 'up'",
            () -> make.any(2).div(make.any(2), "up")));
    errors.add(
        new ErrorInput(
            "derivative for floorDivide is not implemented; use div(other, \"floor\")",
            () -> make.any(2).requiresGrad_().floorDivide(make.any(2)).sum().backward()));
    return errors;
  }
}
