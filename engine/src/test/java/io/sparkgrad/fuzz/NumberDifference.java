package io.sparkgrad.fuzz;

import java.util.Arrays;
import java.util.function.Predicate;

/** Rows about values and their types. */
enum NumberDifference implements KnownDifference {
  HALF_FLOATS(
      "float16 and bfloat16", f -> f.ourError().contains("stores numbers, it does not compute")),
  NEGATIVE_BOUND(
      "a negative number beside uint8",
      f ->
          f.ourError().contains("cannot be converted to type uint8 without overflow: -")
              || f.isAbout("values")
                  && f.call("clamp", "clip", "clampMin", "clampMax", "threshold")
                      .filter(c -> f.dtype(c.self()).equals("uint8"))
                      .filter(
                          c ->
                              c.arguments().stream()
                                  .anyMatch(a -> Arrays.stream(f.numbers(a)).anyMatch(x -> x < 0)))
                      .isPresent()),
  WHOLE_PADDING(
      "a whole number as `pad`'s value beyond 2^53",
      f ->
          f.differ((t, o) -> Finding.close(t, o, 1e-15))
              && f.call("pad")
                  .filter(
                      c ->
                          c.arguments().stream()
                              .anyMatch(a -> a.value() instanceof Long n && n != (long) (double) n))
                  .isPresent()),
  ITEM_BEYOND_DOUBLE(
      "`item()` and `at(...)` of an int64 that no double is",
      f -> {
        return f.ourError().contains("cannot give it;");
      }),
  DIGITS_OF_POLYGAMMA(
      "the digits of `polygamma`",
      f ->
          f.differ(
                  (t, o) ->
                      Finding.close(t, o, 1e-4)
                          || f.call(polygamma()).isEmpty() && Finding.close(t, o, 2e-3)
                          || o.isInfinite() && !(Math.abs(t) < 1e20)
                          || isAtInfinity(t, o))
              && f.calls(polygamma()).findAny().isPresent()),
  WHOLE_LINE(
      "`linspace` of int64",
      f ->
          f.differ((t, o) -> true)
              && f.call("linspace", "logspace")
                  .filter(c -> f.dtype(c.id()).contains("int"))
                  .isPresent()),
  RANGE_BEYOND_LONG(
      "`arange` over more than int64's range",
      f ->
          (f.isAbout("shape") || f.ourError().contains("inconsistent with step sign"))
              && f.call("arange")
                  .filter(
                      c ->
                          c.arguments().stream()
                              .anyMatch(
                                  a ->
                                      a.value() instanceof Long n
                                          && Math.abs((double) n) > 1L << 53))
                  .isPresent()),
  PARALLEL_VECTORS(
      "`cross` of a vector and itself",
      f ->
          f.isAbout("values")
              && f.calls("cross").anyMatch(c -> c.self().equals(c.arguments().get(0).value()))),
  NEARLY_SINGULAR(
      "`inverse`, `solve`, `logdet` and `slogdet` of a singular matrix",
      f ->
          f.torchError().isEmpty()
                  && f.ourError().contains("matrix is singular")
                  && f.call("inverse", "solve").isPresent()
              || f.differ((t, o) -> Math.abs(t) == 1 && o == 0) && f.call("slogdet").isPresent()
              || f.differ((t, o) -> t < -30 && o == Double.NEGATIVE_INFINITY)
                  && f.call("logdet").isPresent()),
  DIGITS_OF_SOLVE(
      "the digits of `solve` and `inverse`, of float32 or where the next operation shows them",
      f ->
          f.differ((t, o) -> Math.abs(t - o) < 1e-3 * (1 + Math.abs(o)))
                  && f.calls("solve", "inverse").anyMatch(c -> f.dtype(c.self()).equals("float32"))
              || f.differ((t, o) -> t.isNaN() != o.isNaN() || Finding.close(t, o, 1e-12))
                  && f.call("pow").isPresent()
                  && f.calls("solve", "inverse").findAny().isPresent()),
  INFINITE_DET(
      "`det`, `logdet`, `slogdet`, `inverse` and `solve` of a matrix with infinities",
      f ->
          f.differ((t, o) -> !Double.isFinite(o))
              && f.call("det", "inverse", "solve", "logdet", "slogdet")
                  .filter(c -> Arrays.stream(f.numbers(c.self())).anyMatch(Double::isInfinite))
                  .isPresent()),
  UNIQUE_OF_NAN(
      "`unique` of NaN",
      f ->
          !f.isAbout("error")
              && f.call("unique", "uniqueConsecutive")
                  .filter(
                      c -> Finding.hasNan(f.numbers(c.self())) || Finding.hasNan(f.numbers(c.id())))
                  .isPresent()),
  ONE_TRIANGLE(
      "`cholesky` of a matrix that is not symmetric",
      f -> f.isAbout("values") && f.calls("cholesky").anyMatch(c -> !isSymmetric(f, c.self()))),
  REST_OF_A_LARGE_NUMBER(
      "the last digits of `remainder`, `fmod`, `sin`, `cos` and `tan` of a large number",
      f ->
          f.differ((t, o) -> Math.abs(t - o) < 1e-4)
              && f.call("remainder", "fmod", "frac", "sin", "cos", "tan").isPresent()
              && f.calls("addbmm", "addmm", "baddbmm", "bmm", "matmul", "mm").findAny().isPresent()
              && f.of(Statement.Call.class)
                  .flatMap(c -> c.arguments().stream())
                  .anyMatch(a -> a.value() instanceof Number n && Math.abs(n.doubleValue()) > 1e6)),
  NUMBERS_THAT_CANCEL(
      "sums of numbers that cancel each other",
      f ->
          f.differ((t, o) -> Double.isFinite(t) && Double.isFinite(o))
              && (f.call("sum", "mean", "nansum", "cumsum", "diff").isPresent() || f.ofGradients())
              && f.program().statements().stream()
                  .flatMapToDouble(s -> Arrays.stream(f.numbers(s.id())))
                  .anyMatch(n -> Double.isFinite(n) && Math.abs(n) >= digits(f) * most(f))),
  LARGEST_COSH(
      "`cosh` and `sinh` beyond 709.7",
      f ->
          f.differ(
                  (t, o) ->
                      Double.isInfinite(t) && Math.abs(o) > 1e307 || Finding.close(t, o, 1e-12))
              && f.call("cosh", "sinh").isPresent()),
  WHOLE_FACTOR(
      "`value` of `addcmul` and `addcdiv` beside whole numbers",
      f ->
          f.differ((t, o) -> Finding.close(t, o, 1e-6))
              && f.calls("addcmul", "addcdiv")
                  .anyMatch(c -> f.dtype(c.arguments().get(0).names().get(0)).contains("int"))),
  PRODUCT_BEYOND_THE_TYPE(
      "products of which a part is beyond the type: `prod` of 1e300, 1e10 and 1e-300",
      f ->
          f.differ((t, o) -> !Double.isFinite(t) || !Double.isFinite(o) || t == 0 || o == 0)
              && f.call("prod", "cumprod").isPresent()
              && f.call("prod", "cumprod")
                  .filter(
                      c -> {
                        double[] x = f.numbers(c.self());
                        return Arrays.stream(x).allMatch(Double::isFinite)
                            && Arrays.stream(x).anyMatch(n -> Math.abs(n) >= 1e30);
                      })
                  .isPresent()),
  ODD_POWER(
      "`pow` of float32 by a whole number beyond 2^24",
      f ->
          f.differ((t, o) -> t == -o)
              && f.call("pow")
                  .filter(
                      c ->
                          f.numbers(c.arguments().get(0)).length == 1
                              && Math.abs(f.numbers(c.arguments().get(0))[0]) > 1L << 24)
                  .isPresent()),
  FACTOR_OF_A_PRODUCT(
      "`alpha` 0, infinite or NaN, or `beta` 0, in `addmm`, `addr`, `baddbmm`, `addbmm`",
      f ->
          f.differ((t, o) -> !Double.isFinite(t) || !Double.isFinite(o))
              && f.calls("addmm", "addmv", "addr", "addbmm", "baddbmm")
                  .anyMatch(
                      c ->
                          c.arguments().size() == 4
                              && (Finding.isOdd(f.numbers(c.arguments().get(3))[0])
                                  || f.numbers(c.arguments().get(2))[0] == 0))),
  SMALL_QUOTIENT(
      "`celu` with a large alpha",
      f ->
          f.differ((t, o) -> t == 0 && o < 0)
              && f.calls("celu")
                  .anyMatch(c -> Math.abs(f.numbers(c.arguments().get(0))[0]) >= 1L << 23));

  private final String row;
  private final Predicate<Finding> covers;

  NumberDifference(String row, Predicate<Finding> covers) {
    this.row = row;
    this.covers = covers;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public boolean covers(Finding f) {
    return covers.test(f);
  }

  private static String[] polygamma() {
    return new String[] {"polygamma", "digamma", "lgamma", "mvlgamma"};
  }

  /* How much of a number its type leaves, in a sum of some. */
  private static double digits(Finding f) {
    boolean narrow = f.of(Statement.Leaf.class).anyMatch(l -> l.dtype().equals("float32"));
    return narrow ? 1e5 : 1e14;
  }

  /* The largest difference between two numbers. */
  private static double most(Finding f) {
    double[] most = {0};
    f.differ(
        (t, o) -> {
          most[0] = Math.max(most[0], Math.abs(t - o));
          return true;
        });
    return most[0];
  }

  private static boolean isAtInfinity(double torch, double ours) {
    return ours == 0 && (Double.isNaN(torch) || Double.isInfinite(torch));
  }

  private static boolean isSymmetric(Finding f, String matrices) {
    int[] shape = f.shape(matrices);
    double[] x = f.numbers(matrices);
    int n = shape[shape.length - 1];
    for (int k = 0; k < x.length; k++) {
      int i = k / n % n;
      int j = k % n;
      if (x[k] != x[k + (j - i) * (n - 1)]) return false;
    }
    return true;
  }
}
