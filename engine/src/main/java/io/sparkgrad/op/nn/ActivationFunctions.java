package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryExpression;
import io.sparkgrad.op.UnaryOp;
import io.sparkgrad.op.kernel.Special;
import java.util.List;

/** The smooth nonlinear functions of networks that have no file of their own, a class each. */
final class ActivationFunctions {
  private ActivationFunctions() {}

  /** y = -ln(1 + e⁻ˣ); dy/dx = sigmoid(-x). */
  static final class LogSigmoid extends UnaryExpression implements PointwiseOp.FloatsOnly {
    LogSigmoid() {
      super(Saves.INPUT, "(x < 0 || x != x ? x : T(0)) - log1p(exp(-abs(x)))");
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "LogSigmoidBackwardBackward0";
    }

    @Override
    public String name() {
      return "logsigmoid";
    }

    @Override
    protected Tensor newResult(DType dtype, int[] shape, Tensor... in) {
      return Tensor.empty(in[0].device(), dtype, shape); // rows first, whatever the input's order
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.min(x[i], 0) - Math.log1p(Math.exp(-Math.abs(x[i])));
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.neg().sigmoid());
    }
  }

  /**
   * y = x tanh(softplus x); dy/dx = t + x sigmoid(x)(1 - t²), t = tanh(softplus x). Misra 2019,
   * arXiv:1908.08681.
   */
  static final class Mish extends UnaryExpression implements PointwiseOp.FloatsOnly {
    Mish() {
      super(Saves.INPUT, "x * tanh((x > 0 ? x : T(0) * x) + log1p(exp(-abs(x))))");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v * Math.tanh(Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))));
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return mish(g, x);
    }
  }

  /**
   * y = ln(1 + exp(βx))/β, x itself where βx is above the threshold; dy/dx = sigmoid(βx), at the
   * threshold, too, where its own slope is 0.
   */
  static final class Softplus extends UnaryOp implements PointwiseOp.FloatsOnly {
    private final double beta;
    private final double threshold;

    Softplus(double beta, double threshold) {
      super(Saves.INPUT);
      this.beta = beta;
      this.threshold = threshold;
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "SoftplusBackwardBackward0";
    }

    @Override
    protected String cuda() {
      return "x * P(0) > P(1) ? x : log1p(exp(x * P(0))) / P(0)";
    }

    @Override
    protected double[] attributes() {
      return new double[] {beta, threshold};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v * beta > threshold ? v : Math.log1p(Math.exp(v * beta)) / beta;
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      Tensor scaled = x.mul(beta);
      Tensor inner = scaled.ge(threshold).where(scaled.detach(), scaled);
      return scaled.gt(threshold).where(g, g.mul(inner.sigmoid()));
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Softplus(1, 20), make.any(3, 4)),
          new SampleInput(new Softplus(2, 20), make.any(4, 3).t()),
          new SampleInput(new Softplus(3, 1), make.uniform(0.5, 2, 3)));
    }
  }

  /**
   * y = x Φ(x), Φ the normal distribution; dy/dx = Φ(x) + x φ(x), φ its density. Hendrycks and
   * Gimpel 2016, arXiv:1606.08415.
   */
  static final class Gelu extends UnaryExpression implements PointwiseOp.FloatsOnly {
    Gelu() {
      super(Saves.INPUT, "x * (1 + erf(x * T(0.70710678118654752440))) / 2");
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "GeluBackwardBackward0";
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v * (1 + Special.erf(v * Special.ROOT_HALF)) / 2;
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      Tensor distribution = x.mul(Special.ROOT_HALF).erf().add(1).div(2);
      Tensor density = x.square().div(-2).exp().mul(Special.ROOT_HALF * Special.TWO_BY_ROOT_PI / 2);
      return g.mul(distribution.add(x.mul(density)));
    }
  }

  /**
   * y = x(1 + t)/2, t = tanh(√(2/π)(x + 0.044715 x³)); dy/dx = (1 + t)/2 + x(1 - t²)·√(2/π)(1 +
   * 0.134145 x²)/2.
   */
  static final class GeluTanh extends UnaryExpression implements PointwiseOp.FloatsOnly {
    private static final double SCALE = Special.ROOT_HALF * Special.TWO_BY_ROOT_PI;
    private static final double CUBE = 0.044715;

    GeluTanh() {
      super(
          Saves.INPUT,
          "x * (1 + tanh(T(0.79788456080286535588) * (x + T(0.044715) * x * x * x))) / 2");
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "GeluBackwardBackward0";
    }

    @Override
    public String name() {
      return "gelu";
    }

    @Override
    public String nodeName() {
      return "GeluBackward0";
    }

    @Override
    protected String exempt(Check check) {
      return switch (check) {
        case METHOD, IN_PLACE -> "gelu(\"tanh\"), held to PyTorch's numbers";
        default -> super.exempt(check);
      };
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v * (1 + Math.tanh(SCALE * (v + CUBE * v * v * v))) / 2;
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      Tensor square = x.square();
      Tensor t = x.mul(square.mul(CUBE).add(1)).mul(SCALE).tanh();
      Tensor inner = square.mul(3 * CUBE).add(1).mul(SCALE);
      Tensor slope = x.mul(t.square().neg().add(1)).mul(inner);
      return g.mul(t.add(1).add(slope).div(2));
    }
  }

  /**
   * y = positive·x above 0, else negative·(exp(scale·x) - 1): elu, selu and celu; dy/dx =
   * negative·scale·exp(scale·x) at 0, where its own slope is 0. Clevert et al. 2015,
   * arXiv:1511.07289; Klambauer et al. 2017, arXiv:1706.02515; Barron 2017, arXiv:1704.07483.
   */
  static final class Elu extends UnaryOp implements PointwiseOp.FloatsOnly {
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    private final String name;
    private final double negative;
    private final double positive;
    private final double scale;

    private Elu(Saves saves, String name, double negative, double positive, double scale) {
      super(saves);
      this.name = name;
      this.negative = negative;
      this.positive = positive;
      this.scale = scale;
    }

    static Elu elu(double alpha) {
      return new Elu(Saves.INPUT, "elu", alpha, 1, 1);
    }

    static Elu selu() {
      return new Elu(Saves.INPUT, "selu", SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1);
    }

    static Elu celu(double alpha) {
      if (alpha == 0)
        throw new IllegalArgumentException("celu: ZeroDivisionError: alpha cannot be 0 for CELU");
      return new Elu(Saves.INPUT, "celu", alpha, 1, 1 / alpha);
    }

    /** For a write: keeps the result, whose sign is the input's unless alpha is negative. */
    Elu inPlace() {
      return new Elu(Saves.OUTPUT, name, negative, positive, scale);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    protected String cuda() {
      return "x > 0 ? x * P(1) : expm1(x * P(2)) * P(0)";
    }

    @Override
    public String nodeName() {
      return name.equals("celu") ? "CeluBackward0" : "EluBackward0";
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return name.equals("celu") ? "CeluBackward1" : "EluBackward1";
    }

    @Override
    protected String derivativeNodeName(Context ctx) {
      return "EluBackwardBackward0";
    }

    @Override
    protected double[] attributes() {
      return new double[] {negative, positive, scale};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v > 0 ? v * positive : Math.expm1(v * scale) * negative;
      }
    }

    /* What is not taken is 0: infinity times 0 would be NaN in the second order. */
    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      if (saves() == Saves.OUTPUT) return ofResult(g, x);
      boolean vectors = inVectors(x);
      Tensor inner = vectors ? x.ge(0).where(zero(x), x) : x.lt(0).where(x, zero(x));
      Tensor below = g.mul(inner.mul(scale).exp().mul(negative * scale));
      Tensor above = g.mul(positive);
      return vectors ? x.gt(0).where(above, below) : x.le(0).where(below, above);
    }

    private Tensor ofResult(Tensor g, Tensor y) {
      requireSign("elu", negative);
      Tensor below = g.mul(y.add(negative).mul(scale));
      Tensor above = g.mul(positive);
      return inVectors(y) ? y.gt(0).where(above, below) : y.le(0).where(below, above);
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(elu(1), make.positive(3, 4)),
          new SampleInput(elu(0.7), make.uniform(-2, -0.3, 4, 3).t()),
          new SampleInput(selu(), make.uniform(-2, -0.3, 3)),
          new SampleInput(selu(), make.positive()),
          new SampleInput(celu(1.5), make.uniform(-2, -0.3, 0, 3)),
          new SampleInput(celu(1.5), make.uniform(-2, -0.3, 3)));
    }
  }

  static void requireSign(String op, double slope) {
    if (slope < 0) {
      throw new AutogradException(
          ("In-place %s backward calculation is triggered with a negative slope which is not supported. This is "
                  + "caused by calling in-place forward function with a negative slope, please call out-of-place "
                  + "version instead.")
              .formatted(op));
    }
  }

  static Op gelu(String approximate) {
    return switch (approximate) {
      case "none" -> new Gelu();
      case "tanh" -> new GeluTanh();
      default ->
          throw new IllegalArgumentException(
              "gelu: approximate argument must be either none or tanh, got " + approximate);
    };
  }

  private static Tensor mish(Tensor g, Tensor x) {
    Tensor t = x.softplus().tanh();
    return g.mul(t.add(x.mul(x.sigmoid()).mul(t.square().neg().add(1))));
  }

  static Tensor zero(Tensor g) {
    return Tensor.zeros(g.dtype());
  }
}
