package io.sparkgrad.autograd;

/**
 * How {@link GradCheck} compares. Immutable; the defaults are PyTorch's.
 *
 * @param eps by how much an input number is moved
 * @param atol the absolute tolerance
 * @param rtol the tolerance relative to the difference quotient
 * @param nondetTol how far two runs of backward may lie apart
 * @param fast whether to compare one random product of the Jacobian instead of all entries
 * @param raises whether a mismatch is an error, or false as the answer
 */
public record GradCheckOptions(
    double eps, double atol, double rtol, double nondetTol, boolean fast, boolean raises) {
  public static GradCheckOptions of() {
    return new GradCheckOptions(1e-6, 1e-5, 1e-3, 0, false, true);
  }

  public GradCheckOptions eps(double eps) {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, fast, raises);
  }

  public GradCheckOptions atol(double atol) {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, fast, raises);
  }

  public GradCheckOptions rtol(double rtol) {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, fast, raises);
  }

  public GradCheckOptions nondetTol(double nondetTol) {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, fast, raises);
  }

  /** A large Jacobian by one random product; a mismatch runs the slow comparison to show it. */
  public GradCheckOptions fastMode() {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, true, raises);
  }

  /** PyTorch's raise_exception=False where false. */
  public GradCheckOptions raiseException(boolean raise) {
    return new GradCheckOptions(eps, atol, rtol, nondetTol, fast, raise);
  }

  boolean close(double numeric, double analytic) {
    return Math.abs(numeric - analytic) <= atol + rtol * Math.abs(numeric);
  }
}
