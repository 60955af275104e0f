package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.UnaryExpression;
import io.sparkgrad.op.kernel.Special;

/** Exponentials, logarithms, powers of fixed exponent and the error function, a class each. */
final class Exponentials {
  private Exponentials() {}

  /** y = 2ˣ; dy/dx = y ln 2. */
  static final class Exp2 extends UnaryExpression {
    Exp2() {
      super(Saves.OUTPUT, "exp2(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.pow(2, x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor y) {
      return Ops.named("MulBackward1", g.mul(y).mul(Special.LN2));
    }
  }

  /** y = eˣ - 1, exact near 0; dy/dx = y + 1. */
  static final class Expm1 extends UnaryExpression {
    Expm1() {
      super(Saves.OUTPUT, "expm1(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.expm1(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor y) {
      return g.mul(y.add(1));
    }
  }

  /** y = ln(1 + x), exact near 0; dy/dx = 1/(1 + x). */
  static final class Log1p extends UnaryExpression {
    @Override
    public String nodeName() {
      return "Log1PBackward0";
    }

    Log1p() {
      super(Saves.INPUT, "log1p(x)", -0.7, 2);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.log1p(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.div(x.add(1));
    }
  }

  /** y = log₂ x; dy/dx = 1/(x ln 2). */
  static final class Log2 extends UnaryExpression {
    Log2() {
      super(Saves.INPUT, "log2(x)", 0.3, 2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.log(x[i]) / Special.LN2;
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.div(x.mul(Special.LN2));
    }
  }

  /** y = log₁₀ x; dy/dx = 1/(x ln 10). */
  static final class Log10 extends UnaryExpression {
    Log10() {
      super(Saves.INPUT, "log10(x)", 0.3, 2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.log10(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.div(x.mul(Special.LN10));
    }
  }

  /** y = 1/√x; dy/dx = -y³/2. */
  static final class Rsqrt extends UnaryExpression {
    Rsqrt() {
      super(Saves.OUTPUT, "T(1) / sqrt(x)", 0.3, 2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = 1 / Math.sqrt(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor y) {
      return g.mul(y.mul(y).mul(y).mul(-0.5));
    }
  }

  /** y = 1/x; dy/dx = -y². */
  static final class Reciprocal extends UnaryExpression {
    Reciprocal() {
      super(Saves.OUTPUT, "T(1) / x", 0.3, 2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = 1 / x[i];
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor y) {
      return g.mul(y.mul(y).neg());
    }
  }

  /** y = 2/√π ∫₀ˣ exp(-t²) dt; dy/dx = 2/√π exp(-x²). */
  static final class Erf extends UnaryExpression {
    Erf() {
      super(Saves.INPUT, "erf(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.erf(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.mul(x).neg().exp().mul(Special.TWO_BY_ROOT_PI));
    }
  }

  /** The inverse of erf; dy/dx = √π/2 exp(y²). */
  static final class Erfinv extends UnaryExpression {
    Erfinv() {
      super(Saves.INPUT, "erfinv(x)", -0.9, 0.9);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.erfinv(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.erfinv().square().exp().div(Special.TWO_BY_ROOT_PI));
    }
  }

  /** y = 1 - erf x, exact where erf is near 1; dy/dx = -2/√π exp(-x²). */
  static final class Erfc extends UnaryExpression {
    Erfc() {
      super(Saves.INPUT, "erfc(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.erfc(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.mul(x).neg().exp().mul(-Special.TWO_BY_ROOT_PI));
    }
  }
}
