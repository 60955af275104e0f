package io.sparkgrad.backend.cpu;

import org.slf4j.LoggerFactory;

/**
 * Loops over float32 that a JIT compiler does not turn into vector instructions by itself. One form
 * uses the JVM's Vector API, one does not, and both give the same bits: sums run over a fixed count
 * of lanes, whatever the width of the processor's.
 */
public abstract class FloatKernels {
  /** Independent partial sums of {@link #sum}. */
  protected static final int LANES = 16;

  private static final String VECTOR_API = "jdk.incubator.vector";
  private static final FloatKernels BEST = choose();

  /** The fastest form that this JVM can run. */
  public static FloatKernels best() {
    return BEST;
  }

  /** The form without the Vector API. */
  public static FloatKernels plain() {
    return new PlainKernels();
  }

  private static FloatKernels choose() {
    String why = "start the JVM with --add-modules " + VECTOR_API + " for faster ones";
    if (ModuleLayer.boot().findModule(VECTOR_API).isPresent()) {
      try {
        return (FloatKernels)
            Class.forName("io.sparkgrad.backend.cpu.vector.VectorKernels")
                .getDeclaredConstructor()
                .newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        why = VECTOR_API + " of this JVM is not as expected: " + e;
      }
    }
    LoggerFactory.getLogger(FloatKernels.class).debug("CPU kernels: plain loops; {}", why);
    return plain();
  }

  /** {@code y[yo + i] = scale·exp(x[xo + i] - shift)}. */
  public abstract void exp(int n, float[] x, int xo, float shift, float scale, float[] y, int yo);

  /** {@code y[yo + i] = tanh(x[xo + i])}. */
  public abstract void tanh(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y[yo + i] = 1/(1 + exp(-x[xo + i]))}. */
  public abstract void sigmoid(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y[yo + i] = g[go + i]} unless {@code x[xo + i] <= 0}, else 0. */
  public abstract void whereAbove(int n, float[] g, int go, float[] x, int xo, float[] y, int yo);

  /** {@code y[yo + i] = x[xo + i]} held to bounds that are no NaN; NaN and signs of zeros stay. */
  public abstract void clamp(int n, float[] x, int xo, float lo, float hi, float[] y, int yo);

  /** The largest that is no NaN; -infinity of none. */
  public abstract float max(int n, float[] x, int xo);

  /** {@code sums[i] += x[xo + i]}: rows added up side by side. */
  public abstract void addEach(double[] sums, int n, float[] x, int xo);

  /** {@code sums[i % LANES] += x[xo + i]}. */
  protected abstract void addTo(double[] sums, int n, float[] x, int xo);

  /** Σ x in double. */
  public final double sum(int n, float[] x, int xo) {
    double[] sums = new double[LANES];
    addTo(sums, n, x, xo);
    return fold(sums);
  }

  /** ln Σ exp(x), whatever its size; work is as long as x. */
  public final double logSumExp(int n, float[] x, int xo, float[] work) {
    float most = max(n, x, xo);
    exp(n, x, xo, most, 1, work, 0);
    return most + Math.log(sum(n, work, 0));
  }

  private static double fold(double[] sums) {
    double sum = 0;
    for (double s : sums) sum += s;
    return sum;
  }
}
