package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.PointwiseOp;

/** The larger and the smaller of two numbers, and numbers held to bounds that are tensors. */
final class MaximumMinimum {
  private MaximumMinimum() {}

  /** y = the larger, NaN if one is; equal ones share the gradient. */
  static final class Maximum extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    protected String cuda() {
      return "a != a || a > b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.max(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.max(x[0][i], x[1][i]);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      return share(ctx, grads[0], true);
    }
  }

  /** y = the smaller, NaN if one is; equal ones share the gradient. */
  static final class Minimum extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    protected String cuda() {
      return "a != a || a < b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.min(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.min(x[0][i], x[1][i]);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      return share(ctx, grads[0], false);
    }
  }

  /** y = the larger, passing over NaN; of equal ones the first has the gradient. */
  static final class Fmax extends BinaryOp implements PointwiseOp.LongLoop {
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
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return pick(ctx, g, a.ge(b).add(b.isnan()));
    }
  }

  /** y = the smaller, passing over NaN; of equal ones the first has the gradient. */
  static final class Fmin extends BinaryOp implements PointwiseOp.LongLoop {
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
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor g = grads[0];
      Tensor a = ctx.saved(0);
      Tensor b = ctx.saved(1);
      return pick(ctx, g, a.le(b).add(b.isnan()));
    }
  }

  /** y = the larger of a and a bound, NaN if one is; at the bound itself a has the gradient. */
  static final class ClampMin extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    public String nodeName() {
      return "ClampMinBackward1";
    }

    @Override
    protected String cuda() {
      return "a != a || a > b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.max(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.max(x[0][i], x[1][i]);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor a = ctx.saved(0);
      return bounded(ctx, grads[0], a.ge(ctx.saved(1)), a.lt(ctx.saved(1)));
    }
  }

  /** y = the smaller of a and a bound, NaN if one is; at the bound itself a has the gradient. */
  static final class ClampMax extends BinaryOp implements PointwiseOp.LongLoop {
    @Override
    public String nodeName() {
      return "ClampMaxBackward1";
    }

    @Override
    protected String cuda() {
      return "a != a || a < b ? a : b";
    }

    @Override
    protected void loop(int n, double[] a, double[] b, double[] y) {
      for (int i = 0; i < n; i++) y[i] = Math.min(a[i], b[i]);
    }

    @Override
    public void run(int n, long[] y, long[][] x) {
      for (int i = 0; i < n; i++) y[i] = Math.min(x[0][i], x[1][i]);
    }

    @Override
    protected void save(Context ctx, Tensor out, Tensor... in) {
      ctx.save(in);
    }

    @Override
    public Tensor[] backward(Context ctx, Tensor... grads) {
      Tensor a = ctx.saved(0);
      return bounded(ctx, grads[0], a.le(ctx.saved(1)), a.gt(ctx.saved(1)));
    }
  }

  /* All to the winner, half each where both are it. */
  private static Tensor[] share(Context ctx, Tensor g, boolean largest) {
    Tensor a = ctx.saved(0);
    Tensor b = ctx.saved(1);
    Tensor shared = a.eq(b).where(g.div(2), g);
    Tensor zero = Tensor.zeros(g.dtype());
    Tensor aLoses = largest ? a.lt(b) : a.gt(b);
    Tensor bLoses = largest ? a.gt(b) : a.lt(b);
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
