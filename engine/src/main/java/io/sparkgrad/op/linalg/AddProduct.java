package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/**
 * y = beta·a + alpha·b, a expanded to a product b: the end of addmm and its kin. As in BLAS what
 * has the coefficient 0 is not read: NaN there does no harm. da = beta·g, db = alpha·g.
 */
final class AddProduct extends BinaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  private final double beta;
  private final double alpha;
  private final boolean isOuter;
  private final boolean readsProduct;

  AddProduct(double beta, double alpha) {
    this(beta, alpha, false);
  }

  private AddProduct(double beta, double alpha, boolean isOuter) {
    this.beta = beta;
    this.alpha = alpha;
    this.isOuter = isOuter;
    readsProduct = isOuter || alpha != 0;
  }

  /** For addr, which is no BLAS call: its product is read, whatever alpha is, and promoted. */
  static AddProduct outer(double beta, double alpha) {
    return new AddProduct(beta, alpha, true);
  }

  /* Of the product's type, which a BLAS call gives its receiver; addr promotes. */
  @Override
  protected DType operandType(Tensor... in) {
    DType type = isOuter ? DType.promote(in) : in[1].dtype();
    Scalar.of(beta).checked(name(), type);
    Scalar.of(alpha).checked(name(), type);
    return type;
  }

  @Override
  protected int[] resultShape(Tensor... in) {
    int[] from = in[0].shape();
    int[] to = in[1].shape();
    if (Shape.expandsTo(from, to)) return to;
    throw new IllegalArgumentException(
        "addProduct: a tensor of shape %s does not expand to the product's shape %s"
            .formatted(Arrays.toString(from), Arrays.toString(to)));
  }

  @Override
  protected String cuda() {
    return "(P(0) == 0 ? T(0) : P(0) * a) + (P(2) == 0 ? T(0) : P(1) * b)";
  }

  @Override
  protected double[] attributes() {
    return new double[] {beta, alpha, readsProduct ? 1 : 0};
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    for (int i = 0; i < n; i++) y[i] = beta == 0 ? 0 : beta * a[i];
    if (readsProduct) for (int i = 0; i < n; i++) y[i] += alpha * b[i];
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float ofA = (float) beta;
    float ofB = (float) alpha;
    for (int i = 0; i < n; i++) y[i] = ofA == 0 ? 0 : ofA * x[0][i];
    if (readsProduct) for (int i = 0; i < n; i++) y[i] = Math.fma(x[1][i], ofB, y[i]);
  }

  /* Coefficients of integers are cut to one, as in PyTorch. */
  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) y[i] = (long) beta * x[0][i] + (long) alpha * x[1][i];
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {
      ctx.needsGrad(0) ? times(grads[0], beta) : null,
      ctx.needsGrad(1) ? times(grads[0], alpha) : null
    };
  }

  private static Tensor times(Tensor g, double factor) {
    return factor == 1 ? g : g.mul(factor);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new AddProduct(0.5, 2), make.any(3, 4), make.any(3, 4)),
        new SampleInput(new AddProduct(1, 1), make.any(4), make.any(3, 4)),
        new SampleInput(new AddProduct(0, 2), make.any(3, 4).t(), make.any(4, 3)),
        new SampleInput(new AddProduct(2, 0), make.any(), make.any(2, 3)),
        new SampleInput(outer(2, 0), make.any(2, 1), make.any(2, 3)),
        new SampleInput(new AddProduct(2, 3), make.below(5, 3), make.below(5, 2, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    String text = "a tensor of shape [3, 1, 1] does not expand to the product's shape [1, 1]";
    return List.of(
        errorInput(text, make.any(3, 1, 1), make.any(1, 1)),
        errorInput("does not expand", make.any(2, 3), make.any(1, 3)));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD, IN_PLACE -> "a step of addmm and its kin";
      default -> super.exempt(check);
    };
  }
}
