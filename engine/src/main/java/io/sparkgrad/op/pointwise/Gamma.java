package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryExpression;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** The logarithm of the gamma function and its derivatives, a class each. */
final class Gamma {
  /* Of the series of ψ in 1/x², highest power first: Abramowitz and Stegun 6.3.18. */
  private static final double[] ASYMPTOTIC = {
    1 / 12.0, -691 / 32760.0, 1 / 132.0, -1 / 240.0, 1 / 252.0, -1 / 120.0, 1 / 12.0
  };
  /* (2k)!/B(2k), k from 1: Euler and Maclaurin's correction of a sum. */
  private static final double[] EULER_MACLAURIN = {
    12.0,
    -720.0,
    30240.0,
    -1209600.0,
    47900160.0,
    -1.8924375803183791606e9,
    7.47242496e10,
    -2.950130727918164224e12,
    1.1646782814350067249e14,
    -4.5979787224074726105e15,
    1.8152105401943546773e17,
    -7.1661652561756670113e18
  };
  /* Lanczos' approximation for g = 607/128: Godfrey, "Lanczos implementation of the gamma function", 2001. */
  private static final double LANCZOS_G = 607.0 / 128;
  private static final double[] LANCZOS = {
    0.99999999999999709182,
    57.156235665862923517,
    -59.597960355475491248,
    14.136097974741747174,
    -0.49191381609762019978,
    0.33994649984811888699e-4,
    0.46523628927048575665e-4,
    -0.98374475304879564677e-4,
    0.15808870322491248884e-3,
    -0.21026444172410488319e-3,
    0.21743961811521264320e-3,
    -0.16431810653676389022e-3,
    0.84418223983852743293e-4,
    -0.26190838401581408670e-4,
    0.36899182659531622704e-5
  };
  private static final double HALF_LOG_TWO_PI = 0.9189385332046727418;
  private static final double EPSILON = 0x1p-53;

  private static final String PSI =
      """
      __device__ double psi(double x) {
        if (x == 0) return copysign(INFINITY, -x);
        double sum = 0;
        if (x < 0) { /* psi(1 - x) - pi/tan(pi x) */
          if (x == floor(x)) return NAN;
          sum = -3.14159265358979323846 / tan(3.14159265358979323846 * (x - trunc(x)));
          x = 1 - x;
        }
        for (; x < 10; x += 1) sum -= 1 / x;
        const double z = 1 / (x * x);
        const double series =
            z * ((((((z / 12 - 691 / 32760.0) * z + 1 / 132.0) * z - 1 / 240.0) * z + 1 / 252.0) * z - 1 / 120.0) * z
                 + 1 / 12.0);
        return sum + log(x) - 0.5 / x - (x < 1e17 ? series : 0);
      }
      """;

  private Gamma() {}

  /** y = ln |Γ(x)|; dy/dx = ψ(x). */
  static final class Lgamma extends UnaryExpression {
    Lgamma() {
      super(Saves.INPUT, "lgamma(x)", 0.3, 2.5);
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = logGamma(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.digamma());
    }
  }

  /** y = ψ(x) = Γ'(x)/Γ(x). */
  static final class Digamma extends UnaryExpression {
    Digamma() {
      super(Saves.INPUT, "T(psi(x))", 0.3, 2.5);
    }

    @Override
    protected String cudaHelpers() {
      return PSI;
    }

    @Override
    protected void loop(int n, double[] x, double[] y) {
      for (int i = 0; i < n; i++) y[i] = psi(x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.polygamma(1));
    }
  }

  /** y = the n-th derivative of ψ, (-1)ⁿ⁺¹ n! ζ(n + 1, x). */
  static final class Polygamma extends UnaryOp {
    private final int n;

    Polygamma(int n) {
      super(Saves.INPUT);
      if (n < 0)
        throw new IllegalArgumentException("polygamma(n, x) does not support negative n, got " + n);
      this.n = n;
    }

    private double factor() {
      double product = n % 2 == 0 ? -1 : 1;
      for (int k = 2; k <= n; k++) product *= k;
      return product;
    }

    @Override
    protected String inPlaceNodeName(Tensor... in) {
      return "PolygammaBackward1";
    }

    @Override
    protected String cuda() {
      return "P(0) == 0 ? T(psi(x)) : T(Number<double>::of(args.attribute[1]) * zeta(Number<double>::of(args.attribute[0]) + 1, x))";
    }

    @Override
    protected String cudaHelpers() {
      StringBuilder terms = new StringBuilder();
      for (double a : EULER_MACLAURIN) terms.append(terms.isEmpty() ? "" : ", ").append(a);
      return PSI
          + """
          __device__ double zeta(double s, double q) {
            if (q != q || (q <= 0 && q == floor(q))) return q == q ? INFINITY : q;
            if (isinf(q)) return 0;
            double sum = pow(q, -s), term = 0;
            for (int i = 0; i < 9 || q <= 9; i++) {
              q += 1;
              term = pow(q, -s);
              sum += term;
              if (fabs(term) < 0x1p-53 * fabs(sum)) return sum;
            }
            sum += term * q / (s - 1) - term / 2;
            const double terms[] = {%s};
            double factor = 1;
            for (int k = 0; k < 12; k++) {
              factor *= s + 2 * k;
              term /= q;
              sum += factor * term / terms[k];
              factor *= s + 2 * k + 1;
              term /= q;
            }
            return sum;
          }
          """
              .formatted(terms);
    }

    @Override
    protected double[] attributes() {
      return new double[] {n, factor()};
    }

    @Override
    protected void loop(int count, double[] x, double[] y) {
      double factor = factor();
      for (int i = 0; i < count; i++) y[i] = n == 0 ? psi(x[i]) : factor * zeta(n + 1.0, x[i]);
    }

    @Override
    protected Tensor derivative(Tensor g, Tensor x) {
      return g.mul(x.polygamma(n + 1));
    }

    @Override
    public List<SampleInput> samples(MakeTensor make) {
      return List.of(
          new SampleInput(new Polygamma(1), make.positive(3, 4)),
          new SampleInput(new Polygamma(0), make.positive(4, 3).t()),
          new SampleInput(new Polygamma(2), make.uniform(-0.8, -0.2, 3)),
          new SampleInput(new Polygamma(3), make.uniform(1, 3)));
    }

    @Override
    public List<ErrorInput> errors(MakeTensor make) {
      return List.of(
          new ErrorInput(
              "polygamma(n, x) does not support negative n", () -> make.any(2).polygamma(-1)));
    }
  }

  static double logGamma(double x) {
    if (Double.isInfinite(x) || x <= 0 && x == Math.floor(x)) return Double.POSITIVE_INFINITY;
    if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - logGamma(1 - x);
    double z = x - 1;
    double sum = LANCZOS[0];
    for (int k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (z + k);
    double t = z + LANCZOS_G + 0.5;
    return (z + 0.5) * Math.log(t) - t + HALF_LOG_TWO_PI + Math.log(sum);
  }

  static double psi(double x) {
    if (x == 0) return Math.copySign(Double.POSITIVE_INFINITY, -x);
    double sum = 0;
    if (x < 0) { // ψ(1 - x) - π/tan πx
      if (x == Math.floor(x)) return Double.NaN;
      sum = -Math.PI / Math.tan(Math.PI * (x % 1));
      x = 1 - x;
    }
    for (; x < 10; x += 1) sum -= 1 / x;
    double z = 1 / (x * x);
    double series = 0;
    for (double c : ASYMPTOTIC) series = series * z + c;
    return sum + Math.log(x) - 0.5 / x - (x < 1e17 ? z * series : 0);
  }

  /* Hurwitz' Σ (q + k)⁻ˢ, k from 0. */
  static double zeta(double s, double q) {
    if (q != q || Double.isInfinite(q)) return q == q ? 0 : q;
    if (q <= 0 && q == Math.floor(q)) return Double.POSITIVE_INFINITY;
    double sum = Math.pow(q, -s);
    double term = 0;
    for (int i = 0; i < 9 || q <= 9; i++) {
      q += 1;
      term = Math.pow(q, -s);
      sum += term;
      if (Math.abs(term) < EPSILON * Math.abs(sum)) return sum;
    }
    sum += term * q / (s - 1) - term / 2;
    double factor = 1;
    for (int k = 0; k < EULER_MACLAURIN.length; k++) {
      factor *= s + 2 * k;
      term /= q;
      sum += factor * term / EULER_MACLAURIN[k];
      factor *= s + 2 * k + 1;
      term /= q;
    }
    return sum;
  }
}
