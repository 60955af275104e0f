package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.FlatSlope;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryExpression;
import io.sparkgrad.op.UnaryOp;
import io.sparkgrad.op.kernel.Bounds;
import java.util.Arrays;
import java.util.List;

/** The nonlinear functions of networks that are pieced together, a class each. */
final class PiecewiseActivations {
  private PiecewiseActivations() {}

  /**
   * y = x clamp(x + 3, 0, 6)/6; dy/dx = x/3 + ½ from -3 to 3, of which the slope is 0 at both.
   * Howard et al. 2019, arXiv:1905.02244.
   */
  static final class Hardswish extends UnaryExpression implements PointwiseOp.FloatsOnly {
    Hardswish() {
      super(Saves.INPUT, "x * (x < -3 ? T(0) : x > 3 ? T(6) : x + 3) / 6");
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "HardswishBackwardBackward0";
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v * Math.min(Math.max(v + 3, 0), 6) / 6;
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      boolean vectors = PointwiseOp.inVectors(x);
      Tensor bound = x.detach().clamp(-3, 3);
      Tensor inner = x.abs().lt(3).where(x, vectors ? bound : bound.nanToNum());
      Tensor slope = g.mul(inner.div(3).add(0.5));
      Tensor above = vectors ? x.ge(3).where(g, slope) : x.le(3).where(slope, g);
      return x.lt(-3).where(ActivationFunctions.zero(g), above);
    }
  }

  /** y = clamp(x + 3, 0, 6)/6; dy/dx = 1/6 between -3 and 3. */
  static final class Hardsigmoid extends UnaryExpression implements PointwiseOp.FloatsOnly {
    Hardsigmoid() {
      super(Saves.INPUT, "x <= -3 ? T(0) : x >= 3 ? T(1) : x / 6 + T(0.5)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v <= -3 ? 0 : v >= 3 ? 1 : v / 6 + 0.5;
      }
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return x.gt(-3).mul(x.lt(3)).where(g.div(6), ActivationFunctions.zero(g));
    }
  }

  /**
   * y = min(max(x, lo), hi), x itself at a bound; dy/dx = 1 between them, 0 at them, unlike clamp.
   */
  static final class Hardtanh extends UnaryOp implements PointwiseOp.LongLoop {
    private final Scalar lower;
    private final Scalar upper;
    private final double lo;
    private final double hi;

    Hardtanh(Scalar lower, Scalar upper) {
      super(Saves.INPUT);
      this.lower = lower;
      this.upper = upper;
      lo = lower.toDouble();
      hi = upper.toDouble();
    }

    Hardtanh(long lo, long hi) {
      this(Scalar.of(lo), Scalar.of(hi));
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "HardtanhBackwardBackward0";
    }

    @Override
    protected DType operandType(Tensor... in) {
      DType type = kept(this, in[0], lower, upper);
      if (type == DType.UINT8 && Math.min(lo, hi) < 0)
        throw new IllegalArgumentException(
            "hardtanh: cannot do hardtanh on an unsigned type with negative limits: %s and %s"
                .formatted(lower, upper));
      return type;
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      long least = lower.toLong();
      long most = upper.toLong();
      for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(x[0][i], least), most);
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return List.of(noBools(make));
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
      return new Scalar[] {lower, upper};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Bounds.lesser(Bounds.greater(x[i], lo), hi);
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return PointwiseOp.inVectors(x)
          ? x.gt(lo).mul(x.lt(hi)).where(g, ActivationFunctions.zero(g))
          : x.le(lo).add(x.ge(hi)).where(ActivationFunctions.zero(g), g);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Hardtanh(-1, 1), make.uniform(-0.9, 0.9, 3, 4)),
          new SampleInput(new Hardtanh(-1, 1), make.uniform(1.1, 2, 3)),
          new SampleInput(new Hardtanh(0, 6), make.positive(4, 3).t()));
    }
  }

  /** y = x above 0, else slope·x; the slope is the derivative at 0, too. Maas et al. 2013. */
  static final class LeakyRelu extends UnaryOp implements PointwiseOp.FloatsOnly {
    private final double slope;

    LeakyRelu(double slope) {
      this(Saves.INPUT, slope);
    }

    private LeakyRelu(Saves saves, double slope) {
      super(saves);
      this.slope = slope;
    }

    /** For a write: keeps the result, whose sign is the input's unless the slope is negative. */
    static LeakyRelu inPlace(double slope) {
      return new LeakyRelu(Saves.OUTPUT, slope);
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "LeakyReluBackwardBackward0";
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "LeakyReluBackward1";
    }

    @Override
    protected String cuda() {
      return "x > 0 ? x : x * P(0)";
    }

    @Override
    protected double[] attributes() {
      return new double[] {slope};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v > 0 ? v : v * slope;
      }
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      if (saves() == Saves.OUTPUT) ActivationFunctions.requireSign("leakyReLu", slope);
      return x.gt(0).where(g, g.mul(slope));
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new LeakyRelu(0.01), make.positive(3, 4)),
          new SampleInput(new LeakyRelu(0.2), make.uniform(-2, -0.3, 4, 3).t()));
    }
  }

  /** y = x above the threshold, else the value, without a derivative; NaN stays. */
  static final class Threshold extends UnaryOp implements PointwiseOp.LongLoop {
    private final Scalar bound;
    private final Scalar instead;
    private final double threshold;
    private final double value;

    Threshold(Scalar bound, Scalar instead) {
      super(Saves.INPUT);
      this.bound = bound;
      this.instead = instead;
      threshold = bound.toDouble();
      value = instead.toDouble();
    }

    Threshold(double threshold, double value) {
      this(Scalar.of(threshold), Scalar.of(value));
    }

    @Override
    protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
      return MemoryOverlap.ALLOWED; // each number's result is its own
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "ThresholdBackwardBackward0";
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "ThresholdBackward1";
    }

    @Override
    protected DType operandType(Tensor... in) {
      return kept(this, in[0], bound, instead);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      long most = bound.toLong();
      long other = instead.toLong();
      for (int i = 0; i < n; i++) {
        long v = x[0][i];
        y[i] = v <= most ? other : v;
      }
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return List.of(noBools(make));
    }

    @Override
    protected String cuda() {
      return "x <= P(0) ? P(1) : x";
    }

    @Override
    protected Scalar[] scalars() {
      return new Scalar[] {bound, instead};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v <= threshold ? value : v;
      }
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return x.le(threshold).where(ActivationFunctions.zero(g), g);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Threshold(0.1, 5), make.positive(3, 4)),
          new SampleInput(new Threshold(0.1, 5), make.uniform(-2, -0.3, 3)));
    }
  }

  /** y = x outside [-λ, λ], else 0; NaN stays. */
  static final class Hardshrink extends UnaryOp implements PointwiseOp.FloatsOnly {
    private final double lambda;

    Hardshrink(double lambda) {
      super(Saves.INPUT);
      this.lambda = lambda;
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "HardshrinkBackwardBackward0";
    }

    @Override
    protected String cuda() {
      return "x >= -P(0) && x <= P(0) ? T(0) : x";
    }

    @Override
    protected double[] attributes() {
      return new double[] {lambda};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v >= -lambda && v <= lambda ? 0 : v;
      }
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return outside(g, x, lambda);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Hardshrink(0.5), make.uniform(0.6, 2, 3, 4)),
          new SampleInput(new Hardshrink(0.5), make.uniform(-0.4, 0.4, 3)));
    }
  }

  /** y = x - λ above λ, x + λ below -λ, else 0, for NaN, too. */
  static final class Softshrink extends UnaryOp implements PointwiseOp.FloatsOnly {
    private final double lambda;

    Softshrink(double lambda) {
      super(Saves.INPUT);
      if (!(lambda >= 0))
        throw new IllegalArgumentException(
            "softshrink: lambda must be greater or equal to 0, but found to be %s."
                .formatted(lambda));
      this.lambda = lambda;
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "SoftshrinkBackwardBackward0";
    }

    @Override
    protected String cuda() {
      return "x > P(0) ? x - P(0) : x < -P(0) ? x + P(0) : T(0)";
    }

    @Override
    protected double[] attributes() {
      return new double[] {lambda};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v > lambda ? v - lambda : v < -lambda ? v + lambda : 0;
      }
    }

    @Override
    protected boolean isPiecewiseLinear() {
      return true;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return outside(g, x, lambda);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Softshrink(0.5), make.uniform(0.6, 2, 3, 4)),
          new SampleInput(new Softshrink(0.5), make.uniform(-2, -0.6, 3)),
          new SampleInput(new Softshrink(0.5), make.uniform(-0.4, 0.4, 3)));
    }
  }

  /** y = a above 0, else b·a: leakyRelu with a learnt slope. He et al. 2015, arXiv:1502.01852. */
  static final class Prelu extends BinaryOp {
    /** The weight so that it broadcasts along the channels of x: dimension 1. */
    static Tensor slopes(Tensor x, Tensor weight) {
      if (weight.numel() == 1) return weight.reshape();
      int channels = x.dim() < 2 ? 1 : x.size(1);
      if (weight.numel() != channels) {
        throw new IllegalArgumentException(
            "prelu: Mismatch of parameter numbers and input channel size. Found parameter numbers = %s and channel size = %s"
                .formatted(weight.numel(), channels));
      }
      int[] shape = new int[x.dim() - 1];
      Arrays.fill(shape, 1);
      shape[0] = channels;
      return weight.reshape(shape);
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "PreluBackwardBackward0";
    }

    @Override
    protected Tensor newResult(DType dtype, int[] shape, Tensor... in) {
      return Tensor.empty(in[0].device(), dtype, shape); // rows first, whatever the input's order
    }

    @Override
    protected String cuda() {
      return "a > 0 ? a : a * b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = a[i] > 0 ? a[i] : a[i] * b[i];
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
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return new Tensor[] {
        ctx.needsGrad(0) ? FlatSlope.by(a, a.gt(0).where(g, g.mul(known(a, b)))) : null,
        ctx.needsGrad(1)
            ? FlatSlope.by(b, a.gt(0).where(Tensor.zeros(g.dtype()), g.mul(known(a, a))))
            : null
      };
    }

    /* NaN has a slope, of which the slope is 0. */
    private static Tensor known(Tensor a, Tensor t) {
      return a.isnan().where(t.detach(), t);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(this, make.uniform(-2, -0.3, 3, 4), make.any(4)),
          new SampleInput(this, make.uniform(-2, -0.3, 2, 3, 4), make.any(3, 1)),
          new SampleInput(this, make.uniform(-2, -0.3, 4, 3).t(), make.any()),
          new SampleInput(this, make.positive(3, 4), make.any(1)));
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      String text =
          "Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and channel size = 3";
      return List.of(new ErrorInput(text, () -> make.any(2, 3).prelu(make.any(2))));
    }
  }

  /* The tensor's type: numbers beside it are cut to it, doubles too. */
  private static DType kept(UnaryOp op, Tensor x, Scalar... numbers) {
    DType type = op.numeric(x);
    for (Scalar s : numbers) s.checked(op.name(), type);
    return type;
  }

  private static Tensor outside(Tensor g, Tensor x, double lambda) {
    return PointwiseOp.inVectors(x)
        ? x.abs().gt(lambda).where(g, ActivationFunctions.zero(g))
        : x.abs().le(lambda).where(ActivationFunctions.zero(g), g);
  }
}
