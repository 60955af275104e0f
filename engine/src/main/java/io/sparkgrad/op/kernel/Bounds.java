package io.sparkgrad.op.kernel;

/** The lesser and the greater of two numbers: the first of equal ones, zeros too, or a NaN. */
public final class Bounds {
  /** The same in CUDA C. */
  public static final String CUDA =
      """
      template <class T> __device__ T greater(T a, T b) { return a != a || a >= b ? a : b; }
      template <class T> __device__ T lesser(T a, T b) { return a != a || a <= b ? a : b; }
      """;

  private Bounds() {}

  public static double greater(double a, double b) {
    return a != a || a >= b ? a : b;
  }

  public static double lesser(double a, double b) {
    return a != a || a <= b ? a : b;
  }
}
