package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradOptions;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Derivatives where a function is not smooth, as PyTorch has them; the samples keep away from
 * there.
 */
class SubgradientsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  static Stream<Arguments> functions() {
    return Stream.of(
        slope("sinc", Tensor::sinc, at(0), 0),
        slope("acos", Tensor::acos, at(1), -INF),
        slope("reciprocal", Tensor::reciprocal, at(0), -INF),
        slope("frac", Tensor::frac, at(0, 1.5), 1, 1),
        slope("floor", Tensor::floor, at(1, 1.5), 0, 0),
        slope("relu6", Tensor::relu6, at(-1, 0, 3, 6, 7), 0, 0, 1, 0, 0),
        slope("hardtanh", Tensor::hardtanh, at(-1, 0, 1), 0, 1, 0),
        slope("hardswish", Tensor::hardswish, at(-4, -3, 3, 4), 0, -0.5, 1.5, 1),
        slope("hardsigmoid", Tensor::hardsigmoid, at(-3, 0, 3), 0, 1 / 6.0, 0),
        slope("leakyRelu", Tensor::leakyRelu, at(-1, 0, 1), 0.01, 0.01, 1),
        slope("selu", Tensor::selu, at(0), 1.7580993408473766),
        slope("elu", Tensor::elu, at(0, 1000), 1, 1),
        slope("gelu", Tensor::gelu, at(-1), -0.08331547),
        slope("gelu('tanh')", x -> x.gelu("tanh"), at(-1), -0.08296408),
        slope("hardshrink(0.5)", x -> x.hardshrink(0.5), at(-0.5, 0.5, 0.6), 0, 0, 1),
        slope("softshrink(0.5)", x -> x.softshrink(0.5), at(-0.5, 0.5, 0.6), 0, 0, 1),
        slope("softplus(1, 20)", x -> x.softplus(1, 20), at(0, 21), 0.5, 1),
        slope("logit(0.2)", x -> x.logit(0.2), at(0.1, 0.5, 0.9), 0, 4, 0),
        slope("nanToNum", Tensor::nanToNum, at(NAN, INF, -INF, 2), 0, 0, 0, 1),
        slope("logsigmoid", Tensor::logsigmoid, at(-1000, 1000), 1, 0),
        slope("threshold(0.5, 9)", x -> x.threshold(0.5, 9), at(0.5, 0.6), 0, 1),
        slope("div('floor')", x -> x.div(leaf(2, 2), "floor"), at(3, 4), 0, 0),
        slope("erfinv", Tensor::erfinv, at(-1, 0, 1), INF, Math.sqrt(Math.PI) / 2, INF),
        slope("digamma", Tensor::digamma, at(-1), INF));
  }

  static Stream<Arguments> ofNegativeZero() {
    return Stream.of(
        slope("logcumsumexp", x -> x.logcumsumexp(0).mul(-0.0), at(-1, 2), 0, 0),
        slope("relu", Tensor::relu, at(-0.0), 0),
        slope("logit", Tensor::logit, at(-0.0), INF));
  }

  static Stream<Arguments> inPlaceForms() {
    return Stream.of(
        slope("elu_()", x -> x.clone().elu_(), at(-1, 2), Math.exp(-1), 1),
        slope("leakyRelu_(0.2)", x -> x.clone().leakyRelu_(0.2), at(-1, 2), 0.2, 1),
        slope("hardtanh_()", x -> x.clone().hardtanh_(), at(-1, 0.5), 0, 1),
        slope("sin_()", x -> x.clone().sin_(), at(1), Math.cos(1)),
        slope("maskedFill_", x -> x.clone().maskedFill_(x.gt(0), -3), at(-1, 2), 1, 0));
  }

  static Stream<Arguments> reductions() {
    return Stream.of(
        slope("prod", Tensor::prod, at(2, 0, 3), 0, 6, 0),
        slope("prod", Tensor::prod, at(2, 0, 0), 0, 0, 0),
        slope("cumprod(0)", x -> x.cumprod(0), at(2, 0, 3), 1, 8, 0),
        slope("std", Tensor::std, at(2, 2, 2), 0, 0, 0),
        slope("norm", Tensor::norm, at(0, 0), 0, 0),
        slope("norm(1.5)", x -> x.norm(1.5), at(0, 4), 0, 1),
        slope("norm(INF)", x -> x.norm(INF), at(-3, 3, 1), -0.5, 0.5, 0),
        slope("logsumexp(0)", x -> x.logsumexp(0), at(-INF, -INF), 0, 0),
        slope("max", Tensor::max, at(1, 3, 3), 0, 0.5, 0.5),
        slope("min", Tensor::min, at(1, NAN, 3), 0, 1, 0),
        slope("nansum", Tensor::nansum, at(1, NAN, 3), 1, 0, 1));
  }

  static Stream<Arguments> orders() {
    return Stream.of(
        slope("median", Tensor::median, at(1, 2, 2, 3), 0, 0.5, 0.5, 0),
        slope("median", Tensor::median, at(1, NAN, 2, NAN), 0, 0.5, 0, 0.5),
        slope("nanmedian", Tensor::nanmedian, at(1, NAN, 2, 1), 0.5, 0, 0, 0.5),
        slope("median(0)", x -> x.median(0, false).values(), at(2, 2, 3), 0, 1, 0),
        slope("mode(0)", x -> x.mode(0, false).values(), at(3, 2, 2, 3), 0, 0, 1, 0),
        slope("cummax(0)", x -> x.cummax(0).values(), at(1, 1, 0, NAN, 5), 1, 2, 0, 2, 0),
        slope("logcumsumexp(0)", x -> x.logcumsumexp(0), at(-INF, -INF, 0), 0, 0, 1),
        slope("cdist", x -> x.view(2, 1).cdist(x.detach().view(2, 1), 2), at(0, 0), 0, 0),
        slope(
            "pairwiseDistance",
            x -> x.pairwiseDistance(x.detach()),
            at(3, 4),
            Math.sqrt(0.5),
            Math.sqrt(0.5)));
  }

  static Stream<Arguments> views() {
    int[] two = {2, 2};
    int[] ones = {1, 1};
    return Stream.of(
        slope("asStrided", x -> x.asStrided(two, ones), at(1, 2, 3), 1, 2, 1),
        slope(
            "asStrided of an expanded one",
            x -> x.expand(2, 3).asStrided(two, ones),
            at(1, 2, 3),
            1,
            2,
            1),
        slope("unfold(0, 2, 1)", x -> x.unfold(0, 2, 1), at(1, 2, 3), 1, 2, 1));
  }

  static Stream<Arguments> segments() {
    Tensor segment = Tensor.tensor(0L, 2L, 2L, 0L);
    return Stream.of(
        slope("segmentMax", t -> t.segmentMax(segment, 3), at(1, 3, 3, -1), 1, 0.5, 0.5, 0),
        slope(
            "segmentSoftmax",
            t -> t.segmentSoftmax(segment, 3).pow(2),
            at(5, 3, 3, 5),
            0,
            0,
            0,
            0));
  }

  static Stream<Arguments> products() {
    Tensor two = Tensor.of(at(2, 2, 2, 2), 2, 2);
    return Stream.of(slope("addmm", x -> x.addmm(two, two, 0, 1), at(NAN, 1), 0, 0));
  }

  private static Arguments slope(
      String name, UnaryOperator<Tensor> f, double[] at, double... expected) {
    return argumentSet(name, f, at, expected);
  }

  @Test
  void theSlopeOfPreluByItsWeightIsFlatByIt() {
    Tensor x = leaf(-1, 2).detach();
    Tensor weight = leaf(0.5);
    Tensor slope =
        Autograd.grad(
                List.of(x.prelu(weight).sum()), List.of(weight), GradOptions.of().createGraph())
            .get(0);
    slope.mul(slope).sum().backward();
    assertArrayEquals(at(0), weight.grad().toDoubles());
  }

  @Test
  void theOrderInMemoryDoesNotChangeTheSlopeOfHardswishAtThree() {
    Tensor x = leaf(0, 1, 2, 3, 4, 5, 6, 7, 8);
    x.view(3, 3).t().hardswish().sum().backward();
    assertEquals(1, x.grad().toDoubles()[3]);
  }

  @ParameterizedTest
  @MethodSource({
    "functions",
    "ofNegativeZero",
    "inPlaceForms",
    "reductions",
    "orders",
    "views",
    "segments",
    "products"
  })
  void theSubgradientIsPyTorchs(UnaryOperator<Tensor> f, double[] at, double[] expected) {
    Tensor x = leaf(at);
    double[] g = Autograd.grad(List.of(f.apply(x).sum()), List.of(x)).get(0).toDoubles();
    assertArrayEquals(expected, g, 1e-8);
  }

  static Stream<Arguments> ofTwoOperands() {
    return Stream.of(
        slopes("a.maximum(b)", (a, b) -> a.maximum(b), 2, 2, 0.5, 0.5),
        slopes("a.minimum(b)", (a, b) -> a.minimum(b), 2, 2, 0.5, 0.5),
        slopes("a.fmax(b)", (a, b) -> a.fmax(b), 2, 2, 1, 0),
        slopes("a.fmin(b)", (a, b) -> a.fmin(b), 2, NAN, 1, 0),
        slopes("a.fmax(b)", (a, b) -> a.fmax(b), NAN, 2, 0, 1),
        slopes("a.clampMin(b)", (a, b) -> a.clampMin(b), 2, 2, 1, 0),
        slopes("a.clampMax(b)", (a, b) -> a.clampMax(b), 2, 2, 1, 0),
        slopes("a.clampMax(b)", (a, b) -> a.clampMax(b), 2, NAN, 0, 0),
        slopes("a.clamp(b, leaf(3))", (a, b) -> a.clamp(b, leaf(3)), 2, 2, 1, 0),
        slopes("a.clamp(b, leaf(3))", (a, b) -> a.clamp(b, leaf(3)), 2, 4, 0, 0),
        slopes("a.hypot(b)", (a, b) -> a.hypot(b), 0, 0, NAN, NAN),
        slopes("a.atan2(b)", (a, b) -> a.atan2(b), 0, 0, NAN, NAN),
        slopes("a.xlogy(b)", (a, b) -> a.xlogy(b), 0, 0, 0, NAN),
        slopes("a.copysign(b)", (a, b) -> a.copysign(b), 0, -1, 0, 0),
        slopes("a.remainder(b)", (a, b) -> a.remainder(b), -5, 3, 1, 2),
        slopes("a.fmod(b)", (a, b) -> a.fmod(b), -5, 3, 1, 1));
  }

  private static Arguments slopes(
      String name, BinaryOperator<Tensor> f, double a, double b, double da, double db) {
    return argumentSet(name + " at " + a + ", " + b, f, at(a, b), at(da, db));
  }

  @ParameterizedTest
  @MethodSource("ofTwoOperands")
  void theSubgradientsOfTwoOperandsArePyTorchs(
      BinaryOperator<Tensor> f, double[] at, double[] expected) {
    List<Tensor> x = List.of(leaf(at[0]), leaf(at[1]));
    List<Tensor> g = Autograd.grad(List.of(f.apply(x.get(0), x.get(1)).sum()), x);
    assertArrayEquals(expected, at(g.get(0).item(), g.get(1).item()), 1e-12);
  }

  /* 1 - 1e-8 is 1 in float32. PyTorch 1.13. */
  @Test
  void theBoundsOfLogitAreNumbersOfTheTensorsType() {
    Tensor x = Tensor.of(new float[] {0, 0.1f, 1, 2}, 4).requiresGrad_();
    Tensor y = x.logit(1e-6);
    assertArrayEquals(
        new double[] {
          -13.815509796142578, -2.1972246170043945, 13.80231761932373, 13.80231761932373
        },
        y.toDoubles(),
        1e-6);
    y.sum().backward();
    assertArrayEquals(new double[] {0, 11.111111640930176, 0, 0}, x.grad().toDoubles(), 1e-6);
    x.setGrad(null);
    y = x.mul(1).logit_(1e-8);
    assertArrayEquals(
        new double[] {-18.42068099975586, -2.1972246170043945, INF, INF}, y.toDoubles(), 1e-6);
    y.sum().backward();
    assertArrayEquals(new double[] {0, 11.111111640930176, INF, 0}, x.grad().toDoubles(), 1e-6);
    Tensor doubles = Tensor.of(new double[] {1}, 1);
    assertEquals(18.420680728927607, doubles.logit(1e-8).item(), 1e-12);
  }

  @Test
  void theDerivativeOfDetNeedsNoInverse() {
    Tensor a = Tensor.of(at(1, 2, 2, 4), 2, 2).requiresGrad_();
    assertArrayEquals(
        at(4, -2, -2, 1), Autograd.grad(List.of(a.det()), List.of(a)).get(0).toDoubles());
    GradCheck.gradcheck(x -> List.of(x.get(0).det()), a);
    GradCheck.gradgradcheck(x -> List.of(x.get(0).det()), a);
    Tensor none = Tensor.zeros(DType.FLOAT64, 3, 3).requiresGrad_();
    assertArrayEquals(
        new double[9], Autograd.grad(List.of(none.det()), List.of(none)).get(0).toDoubles(), 0.0);
  }

  private static Tensor leaf(double... values) {
    return Tensor.of(values, values.length).requiresGrad_();
  }

  private static double[] at(double... values) {
    return values;
  }
}
