package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Rows about the numbers of derivatives. */
enum GradientDifference implements KnownDifference {
  SINGULAR_DET(
      "the gradient of `det` of a singular matrix",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("det")
                  .anyMatch(
                      c ->
                          Arrays.stream(f.numbers(c.id())).anyMatch(y -> Math.abs(y) < 1e-5)
                              || Arrays.stream(f.numbers(c.self())).anyMatch(Double::isInfinite))),
  EXCLUDED_SELF(
      "the gradient of `scatterReduce` without the receiver",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("scatterReduce")
                  .anyMatch(
                      c ->
                          List.of("amax", "amin").contains(c.arguments().get(3).value())
                              && c.arguments().size() == 5
                              && c.arguments().get(4).value().equals(false))),
  EMPTY_DIMS_OF_VAR(
      "the gradient of `var` and `std` over an empty list of dimensions",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("var", "std", "varMean", "stdMean")
                  .anyMatch(
                      c ->
                          c.arguments().size() == 3
                              && c.arguments().get(0).value().equals(List.of()))),
  NAN_IN_ELU(
      "NaN in `elu`, `celu`, `selu`: their gradient",
      f ->
          f.ofGradients()
              && f.differ((t, o) -> t.isNaN() != o.isNaN())
              && f.calls("elu", "celu", "selu")
                  .anyMatch(
                      c ->
                          Finding.hasNan(f.numbers(c.self()))
                              || Finding.hasNan(f.numbers(c.id())))),
  TRACE_OF_A_TALL_MATRIX(
      "the gradient of `trace` of a tall matrix",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("trace").anyMatch(c -> f.shape(c.self())[0] > f.shape(c.self())[1])),
  PRODUCT_OF_THE_OTHERS(
      "gradients of `prod`, `cumprod` beside an infinity",
      f ->
          f.ofGradients()
              && (f.isAbout("values") || f.torchError().contains("does not require grad"))
              && f.calls("prod", "cumprod", "scatterReduce")
                  .flatMap(c -> Stream.of(c.self(), c.id()))
                  .anyMatch(x -> Arrays.stream(f.numbers(x)).anyMatch(Finding::isOdd))),
  LIMIT_OF_A_SUM(
      "the gradient of `logsumexp`, `logcumsumexp` where all is -inf",
      f ->
          f.ofGradients()
              && (f.differ((t, o) -> t.isNaN() && !o.isNaN() || Finding.close(t, o, 1e-6))
                      && f.calls("logsumexp", "logcumsumexp")
                          .anyMatch(
                              c -> Arrays.stream(f.numbers(c.id())).anyMatch(Double::isInfinite))
                  || f.differ((t, o) -> !t.isNaN() && o.isNaN())
                      && f.calls("logcumsumexp").findAny().isPresent()
                      && hasInfiniteGradient(f))),
  SQUARES_OF_WHOLE_NUMBERS(
      "the gradient of `atan2` beside whole numbers",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("atan2")
                  .flatMap(Finding::operands)
                  .anyMatch(x -> hasSquaresBeyondItsType(f, x))),
  SLOPES_AT_NAN(
      "slopes at NaN of `hardtanh`, `hardshrink`, `softshrink`, `hardswish`, `logit`",
      f ->
          f.ofGradients()
              && f.isAbout("values")
              && f.calls("hardtanh", "hardshrink", "softshrink", "hardswish", "logit")
                  .anyMatch(
                      c ->
                          Finding.hasNan(f.numbers(c.self()))
                              || c.arguments().stream()
                                  .anyMatch(a -> Finding.hasNan(f.numbers(a))))),
  SLOPE_OF_A_SLOPE(
      "the second derivative of `nllLoss`",
      f ->
          f.ofGradients()
              && (f.isAbout("null") || f.isAbout("grad"))
              && f.disagreement().ours().isNull()
              && isZeros(f.disagreement().torch())
              && f.calls("nllLoss").findAny().isPresent()),
  INFINITE_GRADIENT(
      "second derivatives, and those of `cholesky`, where a gradient that is given is infinite",
      f ->
          f.ofGradients()
              && (f.of(Statement.Gradients.class).anyMatch(Statement.Gradients::create)
                  || f.calls("cholesky").findAny().isPresent())
              && f.differ((t, o) -> t.isNaN() != o.isNaN())
              && hasInfiniteGradient(f)),
  INFINITE_MATRIX(
      "gradients of `logdet`, `slogdet` and `inverse` of a matrix with infinities",
      f ->
          f.ofGradients()
              && f.differ((t, o) -> !Double.isFinite(t) || !Double.isFinite(o))
              && f.calls("logdet", "slogdet", "inverse")
                  .anyMatch(c -> Arrays.stream(f.numbers(c.self())).anyMatch(Double::isInfinite))),
  IGNORED_INFINITY(
      "the gradient of `crossEntropy` of an ignored target beside an infinity",
      f ->
          f.ofGradients()
              && f.differ((t, o) -> t.isNaN() && o == 0)
              && f.calls("crossEntropy")
                  .anyMatch(c -> Arrays.stream(f.numbers(c.self())).anyMatch(Double::isInfinite))),
  SINGULAR_MATRIX(
      "gradients of `slogdet` and `logdet` of a singular matrix",
      f ->
          f.ofGradients()
              && f.torchError().isEmpty()
              && f.ourError().contains("matrix is singular")
              && f.calls("slogdet", "logdet").findAny().isPresent());

  private final String row;
  private final Predicate<Finding> covers;

  GradientDifference(String row, Predicate<Finding> covers) {
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

  private static boolean hasSquaresBeyondItsType(Finding f, String tensor) {
    String dtype = f.dtype(tensor);
    double most = dtype.equals("int64") ? 0x1p63 : dtype.equals("int32") ? 0x1p31 : 0x1p7;
    return dtype.contains("int") && Arrays.stream(f.numbers(tensor)).anyMatch(x -> x * x >= most);
  }

  private static boolean hasInfiniteGradient(Finding f) {
    Stream<String> given =
        Stream.concat(
            f.of(Statement.Gradients.class)
                .filter(g -> g.gradOutputs() != null)
                .flatMap(g -> g.gradOutputs().stream()),
            f.of(Statement.Backward.class).map(Statement.Backward::gradient));
    return given
        .filter(Objects::nonNull)
        .anyMatch(g -> Arrays.stream(f.numbers(g)).anyMatch(x -> !Double.isFinite(x)));
  }

  private static boolean isZeros(JsonNode tensor) {
    for (JsonNode x : tensor.path("values")) if (x.asDouble() != 0) return false;
    return !tensor.isNull();
  }
}
