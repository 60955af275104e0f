package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryExpression;
import io.sparkgrad.op.kernel.Special;

/** Functions of the circle and of the hyperbola, a class each. */
final class Trigonometry {
  private Trigonometry() {}

  /** y = sin x; dy/dx = cos x. */
  static final class Sin extends UnaryExpression {
    Sin() {
      super(Saves.INPUT, "sin(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.sin(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.cos());
    }
  }

  /** y = cos x; dy/dx = -sin x. */
  static final class Cos extends UnaryExpression {
    Cos() {
      super(Saves.INPUT, "cos(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.cos(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.sin().neg());
    }
  }

  /** y = tan x; dy/dx = 1 + y². */
  static final class Tan extends UnaryExpression {
    Tan() {
      super(Saves.OUTPUT, "tan(x)", -1, 1);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.tan(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor y) {
      return g.mul(y.mul(y).add(1));
    }
  }

  /** y = asin x; dy/dx = 1/√(1 - x²), infinite at ±1. */
  static final class Asin extends UnaryExpression {
    Asin() {
      super(Saves.INPUT, "asin(x)", -0.9, 0.9);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.asin(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(oneLessSquare(x).rsqrt());
    }
  }

  /** y = acos x; dy/dx = -1/√(1 - x²), infinite at ±1. */
  static final class Acos extends UnaryExpression {
    Acos() {
      super(Saves.INPUT, "acos(x)", -0.9, 0.9);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.acos(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(oneLessSquare(x).rsqrt().neg());
    }
  }

  /** y = atan x; dy/dx = 1/(1 + x²). */
  static final class Atan extends UnaryExpression {
    Atan() {
      super(Saves.INPUT, "atan(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.atan(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.div(x.mul(x).add(1));
    }
  }

  /** y = (eˣ - e⁻ˣ)/2; dy/dx = cosh x. */
  static final class Sinh extends UnaryExpression {
    Sinh() {
      super(Saves.INPUT, "sinh(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.sinh(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.cosh());
    }
  }

  /** y = (eˣ + e⁻ˣ)/2; dy/dx = sinh x. */
  static final class Cosh extends UnaryExpression {
    Cosh() {
      super(Saves.INPUT, "cosh(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.cosh(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.sinh());
    }
  }

  /** y = ln(x + √(x² + 1)); dy/dx = 1/√(x² + 1). */
  static final class Asinh extends UnaryExpression {
    Asinh() {
      super(Saves.INPUT, "asinh(x)");
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "AsinhBackward1";
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.asinh(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.mul(x).add(1).rsqrt());
    }
  }

  /** y = ln(x + √(x² - 1)); dy/dx = 1/√(x² - 1). */
  static final class Acosh extends UnaryExpression {
    Acosh() {
      super(Saves.INPUT, "acosh(x)", 1.2, 3);
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "AcoshBackward1";
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.acosh(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.mul(x).sub(1).rsqrt());
    }
  }

  /** y = ½ ln((1 + x)/(1 - x)); dy/dx = 1/(1 - x²). */
  static final class Atanh extends UnaryExpression {
    Atanh() {
      super(Saves.INPUT, "atanh(x)", -0.9, 0.9);
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "AtanhBackward1";
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Special.atanh(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.div(oneLessSquare(x));
    }
  }

  /** y = sin(πx)/(πx), 1 at 0; dy/dx = (cos(πx) - y)/x, 0 at 0. */
  static final class Sinc extends UnaryExpression implements PointwiseOp.FloatLoop {
    Sinc() {
      super(
          Saves.INPUT,
          "x == 0 ? T(1) : sin(T(3.14159265358979323846) * x) / (T(3.14159265358979323846) * x)",
          0.3,
          2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v == 0 ? 1 : Math.sin(Math.PI * v) / (Math.PI * v);
      }
    }

    /* As the kernel: beside a zero the sign is that of πv as a float. */
    @Override
    public void run(int n, float[] y, float[][] x) {
      for (int i = 0; i < n; i++) {
        float v = (float) Math.PI * x[0][i];
        y[i] = v == 0 ? 1 : (float) Math.sin(v) / v;
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return x.eq(0)
          .where(
              Tensor.zeros(g.dtype()), g.mul(x.mul(Math.PI).cos().sub(Ops.call(this, x)).div(x)));
    }
  }

  private static Tensor oneLessSquare(Tensor x) {
    return x.mul(x).neg().add(1);
  }
}
