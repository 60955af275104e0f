package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;

/**
 * y = min(max(x, lo), hi), NaN if one is; the gradient passes at the bounds themselves, unlike
 * relu's.
 */
final class Clamp extends Unary implements Elementwise.FloatLoop, Elementwise.LongLoop {
  private final double lo;
  private final double hi;
  private final String name;
  private final String node;

  /** An absent bound is infinite. */
  Clamp(double lo, double hi) {
    this(lo, hi, "clamp", "ClampBackward1");
  }

  private Clamp(double lo, double hi, String name, String node) {
    super(Saves.INPUT);
    this.lo = lo;
    this.hi = hi;
    this.name = name;
    this.node = node;
  }

  static Clamp min(double lo) {
    return new Clamp(lo, Double.POSITIVE_INFINITY, "clampMin", "ClampMinBackward0");
  }

  static Clamp max(double hi) {
    return new Clamp(Double.NEGATIVE_INFINITY, hi, "clampMax", "ClampMaxBackward0");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String nodeName() {
    return node;
  }

  @Override
  DType operandType(Tensor... in) {
    return wholeOrFloat(numeric(in[0]), lo, hi);
  }

  @Override
  String cuda() {
    return "lesser<T>(greater<T>(x, P(0)), P(1))";
  }

  @Override
  String cudaHelpers() {
    return TernaryOps.LESSER_AND_GREATER;
  }

  @Override
  double[] attributes() {
    return new double[] {lo, hi};
  }

  @Override
  void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i], lo), hi);
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float least = (float) lo;
    float most = (float) hi;
    for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(a[i], least), most);
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) y[i] = Math.min(Math.max(x[0][i], (long) lo), (long) hi);
  }

  @Override
  Tensor derivative(Tensor g, Tensor x) {
    return x.ge(lo).mul(x.le(hi)).where(g, Tensor.zeros(g.dtype()));
  }

  @Override
  FloatLoop slope() {
    return this::slope;
  }

  private void slope(int n, float[] y, float[][] x) {
    float least = (float) lo;
    float most = (float) hi;
    for (int i = 0; i < n; i++) {
      float v = x[1][i];
      y[i] = v >= least && v <= most ? x[0][i] : 0;
    }
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new Clamp(-1, 1), make.uniform(-0.9, 0.9, 3, 4)),
        new Sample(new Clamp(-1, 1), make.uniform(1.1, 2, 3)),
        new Sample(new Clamp(0, Double.POSITIVE_INFINITY), make.positive()),
        new Sample(new Clamp(Double.NEGATIVE_INFINITY, 0.1), make.positive(0, 3)));
  }

  @Override
  public List<Misuse> errors(Samples make) {
    return List.of(noBools(make));
  }
}
