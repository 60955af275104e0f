package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.kernel.Bounds;

/** The larger and the smaller of two numbers, and numbers held to bounds that are tensors. */
final class MaximumMinimum {
  private MaximumMinimum() {}

  /** The family of functions whose result is one of the two numbers. */
  private abstract static class OneOfTwo extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      return gradients(ctx, grads[0], ctx.saved(0), ctx.saved(1));
    }

    abstract Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b);
  }

  /** y = the larger, the first of equal ones, such as zeros; NaN if one is. */
  private abstract static class Larger extends OneOfTwo {
    @Override
    protected String cuda() {
      return "a != a || a >= b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Bounds.greater(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.max(x[0][i], x[1][i]);
    }
  }

  /** y = the smaller, the first of equal ones, such as zeros; NaN if one is. */
  private abstract static class Smaller extends OneOfTwo {
    @Override
    protected String cuda() {
      return "a != a || a <= b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Bounds.lesser(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.min(x[0][i], x[1][i]);
    }
  }

  /** Equal ones share the gradient. */
  static final class Maximum extends Larger {
    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return share(ctx, g, a.eq(b), a.lt(b), a.gt(b));
    }
  }

  /** Equal ones share the gradient. */
  static final class Minimum extends Smaller {
    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return share(ctx, g, a.eq(b), a.gt(b), a.lt(b));
    }
  }

  /** At the bound itself a has the gradient. */
  static final class ClampMin extends Larger {
    @Override
    public String nodeName() {
      return "ClampMinBackward1";
    }

    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return bounded(ctx, g, a.ge(b), a.lt(b));
    }
  }

  /** At the bound itself a has the gradient. */
  static final class ClampMax extends Smaller {
    @Override
    public String nodeName() {
      return "ClampMaxBackward1";
    }

    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return bounded(ctx, g, a.le(b), a.gt(b));
    }
  }

  /** y = the larger, passing over NaN; of equal ones the first has the gradient. */
  static final class Fmax extends OneOfTwo {
    @Override
    protected String cuda() {
      return "b != b || a >= b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = b[i] != b[i] || a[i] >= b[i] ? a[i] : b[i];
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.max(x[0][i], x[1][i]);
    }

    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return pick(ctx, g, a.ge(b).add(b.isnan()));
    }
  }

  /** y = the smaller, passing over NaN; of equal ones the first has the gradient. */
  static final class Fmin extends OneOfTwo {
    @Override
    protected String cuda() {
      return "b != b || a <= b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = b[i] != b[i] || a[i] <= b[i] ? a[i] : b[i];
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.min(x[0][i], x[1][i]);
    }

    @Override
    Tensor[] gradients(Context ctx, Tensor g, Tensor a, Tensor b) {
      return pick(ctx, g, a.le(b).add(b.isnan()));
    }
  }

  /* All to the winner, half each where both are it. */
  private static Tensor[] share(Context ctx, Tensor g, Tensor equal, Tensor aLoses, Tensor bLoses) {
    Tensor shared = equal.where(g.div(2), g);
    Tensor zero = Tensor.zeros(g.dtype());
    return new Tensor[] {
      ctx.needsGrad(0) ? aLoses.where(zero, shared) : null,
      ctx.needsGrad(1) ? bLoses.where(zero, shared) : null
    };
  }

  /* The gradient where each input is what was taken; neither where one is NaN. */
  private static Tensor[] bounded(Context ctx, Tensor g, Tensor first, Tensor second) {
    Tensor zero = Tensor.zeros(g.dtype());
    return new Tensor[] {
      ctx.needsGrad(0) ? first.where(g, zero) : null,
      ctx.needsGrad(1) ? second.where(g, zero) : null
    };
  }

  private static Tensor[] pick(Context ctx, Tensor g, Tensor first) {
    Tensor zero = Tensor.zeros(g.dtype());
    return new Tensor[] {
      ctx.needsGrad(0) ? first.where(g, zero) : null, ctx.needsGrad(1) ? first.where(zero, g) : null
    };
  }
}
