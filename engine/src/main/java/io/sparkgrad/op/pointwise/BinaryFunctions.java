package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.PointwiseOp;
import java.util.ArrayList;
import java.util.List;

/** Functions of two numbers that have no file of their own, a class each. */
final class BinaryFunctions {
  private BinaryFunctions() {}

  /** y = the angle of (b, a); da = g·b/(a² + b²), db = -g·a/(a² + b²), NaN at the origin. */
  static final class Atan2 extends BinaryOp {
    @Override
    protected String cuda() {
      return "atan2(a, b)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.atan2(a[i], b[i]);
    }

    @Override
    protected DType operandType(Tensor... in) {
      return DType.promote(in).orFloat();
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0).to(g.dtype());
      Tensor b = ctx.saved(1).to(g.dtype());
      Tensor r = a.square().add(b.square()).reciprocal();
      return new Tensor[] {
        ctx.needsGrad(0) ? g.mul(b.mul(r)) : null, ctx.needsGrad(1) ? g.mul(a.neg().mul(r)) : null
      };
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.positive(shape);
    }
  }

  /** y = √(a² + b²) without overflow; da = g·a/y, db = g·b/y, NaN at the origin. */
  static final class Hypot extends BinaryOp {
    @Override
    protected String cuda() {
      return "hypot(a, b)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.hypot(a[i], b[i]);
    }

    @Override
    protected DType operandType(Tensor... in) {
      return floating(DType.promote(in));
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(ctx.needsGrad(0) ? in[0] : null, ctx.needsGrad(1) ? in[1] : null, out);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      Tensor y = ctx.saved(2);
      return new Tensor[] {
        ctx.needsGrad(0) ? g.mul(a.div(y)) : null, ctx.needsGrad(1) ? g.mul(b.div(y)) : null
      };
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.positive(shape);
    }
  }

  /** y = a - b trunc(a/b), with the sign of a; da = g, db = -g trunc(a/b). */
  static final class Fmod extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    public String nodeName(Tensor... in) {
      return in[1].isWrappedNumber() ? "FmodBackward0" : "FmodBackward1";
    }

    @Override
    protected String cuda() {
      return "remainder_of(a, b)";
    }

    @Override
    protected String cudaHelpers() {
      return REMAINDER_OF;
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = a[i] % b[i];
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = x[0][i] % x[1][i];
    }

    @Override
    protected DType operandType(Tensor... in) {
      return dividend(this, in);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      boolean both = ctx.needsGrad(1);
      ctx.save(both ? in[0] : null, both ? in[1] : null);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return new Tensor[] {
        ctx.needsGrad(0) ? g : null, ctx.needsGrad(1) ? g.neg().mul(a.div(b, "trunc")) : null
      };
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return zeroDivisor(this, super.errors(make), make);
    }

    @Override
    protected Tensor left(MakeTensor make, int... shape) {
      return make.uniform(2.1, 2.9, shape);
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.uniform(0.8, 1, shape);
    }
  }

  /** y = a - b floor(a/b), with the sign of b; da = g, db = -g floor(a/b). */
  static final class Remainder extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    public String nodeName(Tensor... in) {
      return in[1].isWrappedNumber() ? "RemainderBackward0" : "RemainderBackward1";
    }

    @Override
    protected String cuda() {
      return "floored(remainder_of(a, b), b)";
    }

    @Override
    protected String cudaHelpers() {
      return REMAINDER_OF
          + "template <class T> __device__ T floored(T m, T b) { return m != 0 && (m < 0) != (b < 0) ? m + b : m; }\n";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = floored(a[i] % b[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.floorMod(x[0][i], x[1][i]);
    }

    @Override
    protected DType operandType(Tensor... in) {
      return dividend(this, in);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      boolean both = ctx.needsGrad(1);
      ctx.save(both ? in[0] : null, both ? in[1] : null);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return new Tensor[] {
        ctx.needsGrad(0) ? g : null, ctx.needsGrad(1) ? g.neg().mul(a.div(b, "floor")) : null
      };
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return zeroDivisor(this, super.errors(make), make);
    }

    @Override
    protected Tensor left(MakeTensor make, int... shape) {
      return make.uniform(2.1, 2.9, shape);
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.uniform(-1, -0.8, shape);
    }
  }

  /** y = |a| with the sign of b; da = g·y/a, 0 at 0. */
  static final class Copysign extends BinaryOp {
    @Override
    public String nodeName(Tensor... in) {
      return in[1].isWrappedNumber() ? "CopysignBackward1" : "CopysignBackward0";
    }

    @Override
    protected String cuda() {
      return "copysign(a, b)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.copySign(a[i], b[i]);
    }

    @Override
    protected DType operandType(Tensor... in) {
      return DType.promote(in).orFloat();
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(ctx.needsGrad(0) ? in[0] : null, out);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      return new Tensor[] {
        ctx.needsGrad(0) ? g.mul(sign(ctx.saved(0), ctx.saved(1))) : null,
        ctx.needsGrad(1) ? g.newZeros(g.shape()) : null
      };
    }

    private static Tensor sign(Tensor a, Tensor y) {
      return a.eq(0).where(Tensor.zeros(y.dtype()), y.div(a));
    }

    @Override
    protected Tensor left(MakeTensor make, int... shape) {
      return make.positive(shape);
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.positive(shape);
    }
  }

  /**
   * y = ln(eᵃ + eᵇ), or the same with 2 for e, by the larger one, so that nothing overflows; da =
   * g/(1 + e^(b - a)).
   */
  static final class Logaddexp extends BinaryOp {
    private final boolean binary;

    private Logaddexp(boolean binary) {
      this.binary = binary;
    }

    static Logaddexp natural() {
      return new Logaddexp(false);
    }

    static Logaddexp binary() {
      return new Logaddexp(true);
    }

    @Override
    public String name() {
      return binary ? "logaddexp2" : "logaddexp";
    }

    @Override
    public String nodeName() {
      return binary ? "Logaddexp2Backward0" : "LogaddexpBackward0";
    }

    @Override
    protected double[] attributes() {
      return new double[] {base()};
    }

    /* The logarithm of the base. */
    private double base() {
      return binary ? Math.log(2) : 1;
    }

    @Override
    protected String cuda() {
      return "a == b && a - a != 0 ? a : (a > b ? a : b) + log1p(exp(-abs(a - b) * P(0))) / P(0)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      double base = base();
      for (int i = 0; i < n; i++)
        y[i] =
            a[i] == b[i] && Double.isInfinite(a[i])
                ? a[i]
                : Math.max(a[i], b[i]) + Math.log1p(Math.exp(-Math.abs(a[i] - b[i]) * base)) / base;
    }

    @Override
    protected DType operandType(Tensor... in) {
      return floating(DType.promote(in));
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return new Tensor[] {
        ctx.needsGrad(0) ? share(grads[0], a, b) : null,
        ctx.needsGrad(1) ? share(grads[0], b, a) : null
      };
    }

    @Override
    protected String exempt(Check check) {
      return check == Check.IN_PLACE ? "none in PyTorch" : super.exempt(check);
    }

    private Tensor share(Tensor g, Tensor a, Tensor b) {
      return g.div(b.sub(a).mul(base()).exp().add(1));
    }
  }

  /**
   * y = a ln b, 0 where a is 0; da = g ln b, 0 where g is, and where a is 0 and b is not positive;
   * db = g·a/b.
   */
  static final class Xlogy extends BinaryOp {
    @Override
    protected String cuda() {
      return "b == b && a == 0 ? T(0) : a * log(b)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = a[i] == 0 && b[i] == b[i] ? 0 : a[i] * Math.log(b[i]);
    }

    @Override
    protected DType operandType(Tensor... in) {
      return DType.promote(in).orFloat();
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0).to(g.dtype());
      Tensor b = ctx.saved(1).to(g.dtype());
      return new Tensor[] {
        ctx.needsGrad(0) ? a.eq(0).mul(b.le(0)).where(Tensor.zeros(g.dtype()), g.xlogy(b)) : null,
        ctx.needsGrad(1) ? g.mul(a).div(b) : null
      };
    }

    @Override
    protected Tensor right(MakeTensor make, int... shape) {
      return make.positive(shape);
    }
  }

  /** y = 0 below 0, 1 above it, b at it. */
  static final class Heaviside extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    public String nodeName() {
      return "NotImplemented";
    }

    @Override
    protected DType operandType(Tensor... in) {
      if (in[0].dtype() != in[1].dtype()) {
        throw new IllegalArgumentException(
            "heaviside is not yet implemented for tensors with different dtypes: %s and %s"
                .formatted(in[0].dtype(), in[1].dtype()));
      }
      return in[0].dtype();
    }

    @Override
    protected String cuda() {
      return "a == 0 ? b : T(a > 0)";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = a[i] == 0 ? b[i] : a[i] > 0 ? 1 : 0;
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) {
        long a = x[0][i];
        y[i] = a == 0 ? x[1][i] : a > 0 ? 1 : 0;
      }
    }

    /* PyTorch records it all the same, and says so when it is asked. */
    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      throw new AutogradException("derivative for heaviside is not implemented");
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      List<ErrorInput> errors = new ArrayList<>(super.errors(make));
      errors.add(
          errorInput(
              "heaviside is not yet implemented for tensors with different dtypes",
              make.any(2),
              make.below(3, 2)));
      errors.add(
          new ErrorInput(
              "derivative for heaviside is not implemented",
              () -> make.any(2).requiresGrad_().heaviside(make.any(2)).sum().backward()));
      return errors;
    }

    @Override
    protected String exempt(Check check) {
      return switch (check) {
        case GRADCHECK, GRADGRADCHECK -> "not differentiable";
        default -> super.exempt(check);
      };
    }
  }

  /* Java's and C's remainders are the same: of the dividend's sign. */
  private static final String REMAINDER_OF =
      """
      __device__ float remainder_of(float a, float b) { return fmodf(a, b); }
      __device__ double remainder_of(double a, double b) { return fmod(a, b); }
      __device__ long long remainder_of(long long a, long long b) { return b == 0 || b == -1 ? 0 : a % b; }
      """;

  private static double floored(double m, double b) {
    return m != 0 && m < 0 != b < 0 ? m + b : m;
  }

  /** The type of a division that leaves whole numbers whole. */
  static DType dividend(Op op, Tensor... in) {
    DType type = DType.promote(in);
    if (type == DType.BOOL)
      throw new IllegalArgumentException(
          op.name() + ": not supported for bool tensors; convert with .to(dtype)");
    boolean any = in[0].numel() > 0 && in[1].numel() > 0;
    if (any && !type.isFloatingPoint() && in[1].eq(0L).any().item() > 0)
      throw new ArithmeticException(op.name() + ": ZeroDivisionError: an integer divisor is 0");
    return type;
  }

  private static List<ErrorInput> zeroDivisor(Op op, List<ErrorInput> others, MakeTensor make) {
    List<ErrorInput> errors = new ArrayList<>(others);
    errors.add(op.errorInput("ZeroDivisionError", make.below(3, 2), make.below(1, 2)));
    return errors;
  }
}
