package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryExpression;
import java.util.List;

/** Whole numbers near a number, a class each. */
final class Rounding {
  private Rounding() {}

  /** A function of steps: integers are themselves, and the derivative is 0 everywhere. */
  private abstract static class Step extends UnaryExpression implements PointwiseOp.LongLoop {
    private final String function;

    /** The function of C that the expression calls. */
    Step(String function, String cuda) {
      super(Saves.NOTHING, cuda, 0.1, 0.4);
      this.function = function;
    }

    @Override
    protected DType operandType(Tensor... in) {
      return numeric(in[0]);
    }

    /* C's functions take no integers. */
    @Override
    protected String cudaHelpers() {
      return """
          template <class T> __device__ T whole(T x) { return %s(x); }
          template <> __device__ long long whole<long long>(long long x) { return x; }
          """
          .formatted(function);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      System.arraycopy(x[0], 0, y, 0, n);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.newZeros(g.shape());
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return List.of(noBools(make));
    }
  }

  /** The largest whole number that is not above x. */
  static final class Floor extends Step {
    Floor() {
      super("floor", "whole<T>(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.floor(x[i]);
    }
  }

  /** The smallest whole number that is not below x. */
  static final class Ceil extends Step {
    Ceil() {
      super("ceil", "whole<T>(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.ceil(x[i]);
    }
  }

  /** x without its fraction. */
  static final class Trunc extends Step {
    Trunc() {
      super("trunc", "whole<T>(x)");
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v < 0 ? Math.ceil(v) : Math.floor(v);
      }
    }
  }

  /** The nearest number of so many decimals, of two equally near ones the even. */
  static final class Round extends Step {
    private final int decimals;
    private final boolean toWhole;
    private final boolean single;

    /** For numbers of the type: those of float32 are scaled in float32. */
    Round(int decimals, DType type) {
      this(decimals, type == DType.FLOAT32, false);
    }

    private Round(int decimals, boolean single, boolean toWhole) {
      super("rint", "P(1) != 0 ? whole<T>(x * P(0)) / P(0) : whole<T>(x / P(0)) * P(0)");
      this.decimals = decimals;
      this.single = single;
      this.toWhole = toWhole;
    }

    /** To whole numbers; integers stay as they are. */
    static Round toWhole() {
      return new Round(0, false, true);
    }

    @Override
    public String nodeName() {
      return toWhole ? "RoundBackward0" : "RoundBackward1";
    }

    @Override
    protected double[] attributes() {
      return new double[] {Math.pow(10, Math.abs(decimals)), decimals >= 0 ? 1 : 0};
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      double scale = attributes()[0];
      if (decimals >= 0) {
        for (int i = 0; i < n; i++) y[i] = Math.rint(rounded(x[i] * scale)) / scale;
      } else {
        for (int i = 0; i < n; i++) y[i] = Math.rint(rounded(x[i] / scale)) * scale;
      }
    }

    private double rounded(double scaled) {
      return single ? (float) scaled : scaled;
    }

    @Override
    protected DType operandType(Tensor... in) {
      if (!toWhole && !in[0].dtype().isFloatingPoint())
        throw new IllegalArgumentException(
            "round: decimals are for floating tensors, this one is %s".formatted(in[0].dtype()));
      return super.operandType(in);
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      String text = "decimals are for floating tensors, this one is torch.int64";
      return List.of(
          toWhole().errorInput("round: not supported for a bool tensor", make.any(2).gt(0)),
          new Round(-1, DType.FLOAT64).errorInput(text, make.below(3, 2)));
    }
  }

  /** x - trunc x; dy/dx = 1. */
  static final class Frac extends UnaryExpression implements PointwiseOp.FloatsOnly {
    Frac() {
      super(Saves.NOTHING, "x - trunc(x)", 0.1, 0.4);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v - (v < 0 ? Math.ceil(v) : Math.floor(v));
      }
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g;
    }
  }
}
