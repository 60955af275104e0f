package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Bounds;
import java.util.List;

/** Functions of three numbers, a class each. */
final class TernaryFunctions {
  private TernaryFunctions() {}

  /** Three operands, the last one positive in the samples. */
  private abstract static class Ternary extends PointwiseOp {
    @Override
    protected DType operandType(Tensor... in) {
      return DType.promote(in).orFloat();
    }

    @Override
    protected final String operands() {
      return "a, b, c";
    }

    @Override
    public final List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(this, make.any(3, 4), make.any(3, 4), make.positive(4)),
          new SampleInput(this, make.any(4, 3).t(), make.any(4), make.positive()),
          new SampleInput(this, make.any(), make.any(2, 1), make.uniform(0.1, 0.4, 3)),
          new SampleInput(this, make.any(0, 3), make.any(3), make.positive()));
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return List.of(
          errorInput(
              "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1",
              make.any(2, 3),
              make.any(2, 4),
              make.positive()),
          errorInputInPlace(
              "output with shape [3] doesn't match the broadcast shape [2, 3]",
              make.any(3),
              make.any(2, 3),
              make.positive()));
    }
  }

  /**
   * y = a + c(b - a), by the end that is nearer, so that c = 1 gives b itself; da = g(1 - c), db =
   * g·c, dc = g(b - a).
   */
  static final class Lerp extends Ternary {
    private final Tensor number; // the weight if it is one: a call saves nothing then

    Lerp(Tensor number) {
      this.number = number;
    }

    static Lerp by(Tensor weight) {
      return new Lerp(weight.isWrappedNumber() ? weight : null);
    }

    /** Operands of a lerp are not promoted; a Java number is of any type. */
    static void check(String method, Tensor x, Tensor end, Tensor weight) {
      Require.floats(method, x);
      Require.sameType(method, x, "end", end);
      if (!weight.isWrappedNumber()) Require.sameType(method, x, "weight", weight);
    }

    @Override
    public String nodeName(Tensor... in) {
      return number != null ? "LerpBackward0" : "LerpBackward1";
    }

    /* Of one type, a number as the weight apart. */
    @Override
    protected DType operandType(Tensor... in) {
      DType type = in[0].dtype();
      same("end", in[1].dtype(), type);
      if (!in[2].isWrappedNumber()) same("weight", in[2].dtype(), type);
      else Scalar.of(in[2].item()).checked(name(), floating(type));
      return floating(type);
    }

    private static void same(String operand, DType type, DType expected) {
      if (type == expected) return;
      throw new IllegalArgumentException(
          "lerp: expected dtype %s for `%s` but got dtype %s; use .to(dtype)"
              .formatted(expected, operand, type));
    }

    @Override
    protected String cuda() {
      return "c < T(0.5) ? a + c * (b - a) : b - (b - a) * (1 - c)";
    }

    @Override
    protected void run(int n, double[] y, double[][] x) {
      double[] a = x[0];
      double[] b = x[1];
      double[] c = x[2];
      for (int i = 0; i < n; i++) {
        double d = b[i] - a[i];
        double w = c[i];
        y[i] = w < 0.5 ? a[i] + w * d : b[i] - d * (1 - w);
      }
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      if (number == null)
        ctx.save(ctx.needsGrad(2) ? in[0] : null, ctx.needsGrad(2) ? in[1] : null, in[2]);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor c = number == null ? ctx.saved(2) : number;
      return new Tensor[] {
        ctx.needsGrad(0) ? g.mul(c.neg().add(1)) : null,
        ctx.needsGrad(1) ? g.mul(c) : null,
        ctx.needsGrad(2) ? g.mul(ctx.saved(1).sub(ctx.saved(0))) : null
      };
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      List<ErrorInput> all = new java.util.ArrayList<>(super.errors(make));
      all.add(
          errorInput(
              "lerp: expected dtype torch.float64 for `end` but got dtype torch.int64",
              make.any(2),
              make.below(3, 2),
              make.any(2)));
      all.add(
          errorInput(
              "lerp: expected dtype torch.float64 for `weight` but got dtype torch.int64",
              make.any(2),
              make.any(2),
              make.below(3, 2)));
      Tensor whole = make.below(3, 2);
      all.add(errorInput("lerp: not implemented for torch.int64", whole, whole, whole));
      return all;
    }
  }

  /**
   * y = min(max(a, b), c), NaN if one is; the gradient goes to what was taken, at the bounds
   * themselves to a. Bounds the wrong way round give c.
   */
  static final class ClampBetween extends Ternary implements PointwiseOp.LongLoop {
    @Override
    public String name() {
      return "clamp";
    }

    @Override
    public String nodeName() {
      return "ClampBackward0";
    }

    @Override
    protected DType operandType(Tensor... in) {
      DType type = DType.promote(in);
      if (type == DType.BOOL) Require.numbers(name(), in);
      return type;
    }

    @Override
    protected String cuda() {
      return "lesser<T>(greater<T>(a, b), c)";
    }

    @Override
    protected String cudaHelpers() {
      return Bounds.CUDA;
    }

    @Override
    protected void run(int n, double[] y, double[][] x) {
      for (int i = 0; i < n; i++) y[i] = Bounds.lesser(Bounds.greater(x[0][i], x[1][i]), x[2][i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(x[0][i], x[1][i]), x[2][i]);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor lo = ctx.saved(1);
      Tensor hi = ctx.saved(2);
      Tensor zero = Tensor.zeros(g.dtype());
      return new Tensor[] {
        ctx.needsGrad(0) ? a.ge(lo).logicalAnd(a.le(hi)).where(g, zero) : null,
        ctx.needsGrad(1) ? a.lt(lo).logicalAnd(lo.lt(hi)).where(g, zero) : null,
        ctx.needsGrad(2) ? a.gt(hi).logicalOr(hi.lt(lo)).where(g, zero) : null
      };
    }
  }

  /** y = a + value·b·c; da = g, db = g·value·c, dc = g·value·b. */
  static final class Addcmul extends Ternary implements PointwiseOp.LongLoop {
    private final Scalar factor;
    private final double value;

    Addcmul(Scalar value) {
      factor = value;
      this.value = value.toDouble();
    }

    @Override
    protected DType operandType(Tensor... in) {
      DType type = DType.promote(in);
      factor.checked(name(), type);
      if (type == DType.BOOL) Require.numbers(name(), in);
      return type;
    }

    /* Of integers the value is cut to one, as in PyTorch. */
    @Override
    public void run(int n, long[] y, long[][] x) {
      long v = factor.toLong();
      for (int i = 0; i < n; i++) y[i] = x[0][i] + v * x[1][i] * x[2][i];
    }

    @Override
    protected String cuda() {
      return "a + P(0) * b * c";
    }

    @Override
    protected Scalar[] scalars() {
      return new Scalar[] {factor};
    }

    @Override
    protected void run(int n, double[] y, double[][] x) {
      double[] a = x[0];
      double[] b = x[1];
      double[] c = x[2];
      for (int i = 0; i < n; i++) {
        y[i] = a[i] + value * b[i] * c[i];
      }
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(ctx.needsGrad(2) ? in[1] : null, ctx.needsGrad(1) ? in[2] : null);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      return new Tensor[] {
        g,
        ctx.needsGrad(1) ? g.mul(ctx.saved(1)).mul(value) : null,
        ctx.needsGrad(2) ? g.mul(ctx.saved(0)).mul(value) : null
      };
    }
  }

  /** y = a + value·b/c; da = g, db = g·value/c, dc = -g·value·b/c². */
  static final class Addcdiv extends Ternary {
    private final double value;

    Addcdiv(double value) {
      this.value = value;
    }

    @Override
    protected DType operandType(Tensor... in) {
      if (!in[1].dtype().isFloatingPoint() && !in[2].dtype().isFloatingPoint()) {
        throw new IllegalArgumentException(
            "addcdiv: Integer division with addcdiv is no longer supported; use"
                + " a.add(b.div(c, \"trunc\"), value), or convert with .to(dtype)");
      }
      DType type = DType.promote(in);
      Scalar.of(value).checked(name(), type);
      return type;
    }

    @Override
    protected String cuda() {
      return "a + P(0) * b / c";
    }

    @Override
    protected double[] attributes() {
      return new double[] {value};
    }

    @Override
    protected void run(int n, double[] y, double[][] x) {
      double[] a = x[0];
      double[] b = x[1];
      double[] c = x[2];
      for (int i = 0; i < n; i++) {
        y[i] = a[i] + value * b[i] / c[i];
      }
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(ctx.needsGrad(2) ? in[1] : null, in[2]);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor c = ctx.saved(1);
      return new Tensor[] {
        g,
        ctx.needsGrad(1) ? g.mul(Tensor.number(value).div(c)) : null,
        ctx.needsGrad(2) ? g.neg().mul(ctx.saved(0).mul(value).div(c.mul(c))) : null
      };
    }
  }
}
