package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an in-place call keeps for its backward, by what a write after it does there. */
class SavedByInPlaceTest {
  /* Which of receiver and operand require a gradient. */
  private static final List<boolean[]> NEEDED =
      List.of(new boolean[] {true, false}, new boolean[] {false, true}, new boolean[] {true, true});

  /** PyTorch 1.13's answers: whether a write to the result is an error at backward. */
  static Stream<Arguments> ofOne() {
    return Stream.of(
        one("relu_", Tensor::relu_, true),
        one("sigmoid_", Tensor::sigmoid_, true),
        one("silu_", Tensor::silu_, false),
        one("tanh_", Tensor::tanh_, true),
        one("mish_", Tensor::mish_, false),
        one("hardswish_", Tensor::hardswish_, false),
        one("hardsigmoid_", Tensor::hardsigmoid_, false),
        one("hardtanh_", x -> x.hardtanh_(-0.3, 0.4), false),
        one("threshold_", x -> x.threshold_(0.3, 0.1), false),
        one("selu_", Tensor::selu_, true),
        one("elu_", Tensor::elu_, true),
        one("celu_", Tensor::celu_, true),
        one("leakyRelu_", Tensor::leakyRelu_, true),
        one("sin_", Tensor::sin_, false),
        one("cos_", Tensor::cos_, false),
        one("tan_", Tensor::tan_, true),
        one("asin_", Tensor::asin_, false),
        one("acos_", Tensor::acos_, false),
        one("atan_", Tensor::atan_, false),
        one("sinh_", Tensor::sinh_, false),
        one("cosh_", Tensor::cosh_, false),
        one("sinc_", Tensor::sinc_, false),
        one("exp2_", Tensor::exp2_, true),
        one("expm1_", Tensor::expm1_, true),
        one("log1p_", Tensor::log1p_, false),
        one("log2_", Tensor::log2_, false),
        one("log10_", Tensor::log10_, false),
        one("rsqrt_", Tensor::rsqrt_, true),
        one("reciprocal_", Tensor::reciprocal_, true),
        one("erf_", Tensor::erf_, false),
        one("erfc_", Tensor::erfc_, false),
        one("erfinv_", Tensor::erfinv_, false),
        one("lgamma_", Tensor::lgamma_, false),
        one("digamma_", Tensor::digamma_, false),
        one("polygamma_", x -> x.polygamma_(1), false),
        one("floor_", Tensor::floor_, false),
        one("frac_", Tensor::frac_, false),
        one("round_", Tensor::round_, false),
        one("logit_", Tensor::logit_, false),
        one("logit_(eps)", x -> x.logit_(0.1), false),
        one("neg_", Tensor::neg_, false),
        one("abs_", Tensor::abs_, false),
        one("sign_", Tensor::sign_, false),
        one("exp_", Tensor::exp_, true),
        one("log_", Tensor::log_, false),
        one("sqrt_", Tensor::sqrt_, true),
        one("zero_", Tensor::zero_, false),
        one("fill_", x -> x.fill_(2), false),
        one("rad2deg_", Tensor::rad2deg_, false),
        one("clamp_", x -> x.clamp_(0.4, 0.6), false),
        one("clampMin_", x -> x.clampMin_(0.4), false),
        one("pow_(2)", x -> x.pow_(2), false),
        one("pow_(0)", x -> x.pow_(0), false),
        one("cumsum_", x -> x.cumsum_(0), false),
        one("cumprod_", x -> x.cumprod_(0), true),
        one("triu_", x -> x.triu_(0), false),
        one("add_", x -> x.add_(2), false),
        one("mul_", x -> x.mul_(2), false),
        one("div_", x -> x.div_(2), false),
        one("fmod_", x -> x.fmod_(0.2), false),
        one("remainder_", x -> x.remainder_(0.2), false),
        one("copysign_", x -> x.copysign_(-1), true),
        one("renorm_", x -> x.renorm_(2, 0, 0.1), false),
        one("maskedFill_", x -> x.maskedFill_(x.detach().gt(0.5), 2), false),
        one("indexFill_", x -> x.indexFill_(0, indices(0), 2), false));
  }

  private static Arguments one(String name, UnaryOperator<Tensor> call, boolean error) {
    return Arguments.of(name, call, error);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofOne")
  void aWriteAfterACallOfOne(String name, UnaryOperator<Tensor> call, boolean error) {
    Tensor x = numbers().requiresGrad_().clone();
    call.apply(x);
    write(x);
    assertEquals(error, isModified(x));
  }

  /**
   * PyTorch 1.13's answers, each where the receiver, the operand, or both require a gradient: x is
   * an error. First after a write to the result, then to the operand, then where the receiver is
   * its own operand.
   */
  static Stream<Arguments> ofTwo() {
    return Stream.of(
        two("add_", Tensor::add_, "--- --- -"),
        two("sub_", Tensor::sub_, "--- --- -"),
        two("mul_", Tensor::mul_, "--- x-x x"),
        two("div_", Tensor::div_, "--- xxx x"),
        two("pow_", Tensor::pow_, "xxx xxx x"),
        two("atan2_", Tensor::atan2_, "--- xxx x"),
        two("hypot_", Tensor::hypot_, "xxx -xx x"),
        two("xlogy_", Tensor::xlogy_, "--- xxx x"),
        two("fmod_", Tensor::fmod_, "--- -xx x"),
        two("remainder_", Tensor::remainder_, "--- -xx x"),
        two("copysign_", Tensor::copysign_, "xxx --- -"),
        two("div_(floor)", (x, y) -> x.div_(y, "floor"), "--- xxx x"),
        two("lerp_", (x, y) -> x.lerp_(y, 0.3), "--- --- -"),
        two("addcmul_(y, 1)", (x, y) -> x.addcmul_(y, numbers(), 1), "--- --- -"),
        two("addcdiv_(y, 1)", (x, y) -> x.addcdiv_(y, numbers(), 1), "--- --- -"),
        two("addcdiv_(1, y)", (x, y) -> x.addcdiv_(numbers(), y, 1), "--- xxx x"),
        two("clampMin_", Tensor::clampMin_, "--- xxx x"),
        two("clampMax_", Tensor::clampMax_, "--- xxx x"),
        two("copy_", Tensor::copy_, "--- --- -"),
        two("addmm_", (x, y) -> x.addmm_(y, numbers()), "--- --- -"),
        two("scatterAdd_", (x, y) -> x.scatterAdd_(0, indices(0, 0), y), "--- ---"),
        two("amax", (x, y) -> x.scatterReduce_(0, indices(0, 0), y, "amax", true), "xxx xxx"),
        two("prod", (x, y) -> x.scatterReduce_(0, indices(0, 0), y, "prod", true), "xxx xxx"));
  }

  private static Arguments two(String name, BinaryOperator<Tensor> call, String errors) {
    return Arguments.of(name, call, errors);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofTwo")
  void aWriteAfterACallOfTwo(String name, BinaryOperator<Tensor> call, String errors) {
    StringBuilder found = new StringBuilder();
    for (boolean[] n : NEEDED) {
      Tensor x = numbers().requiresGrad_(n[0]).clone();
      call.apply(x, numbers().requiresGrad_(n[1]).clone());
      write(x);
      found.append(isModified(x) ? 'x' : '-');
    }
    found.append(' ');
    for (boolean[] n : NEEDED) {
      Tensor x = numbers().requiresGrad_(n[0]).clone();
      Tensor y = numbers().requiresGrad_(n[1]).clone();
      call.apply(x, y);
      write(y);
      found.append(isModified(x) ? 'x' : '-');
    }
    if (errors.length() == 9) {
      Tensor x = numbers().requiresGrad_().clone();
      call.apply(x, x);
      found.append(isModified(x) ? " x" : " -");
    }
    assertEquals(errors, found.toString());
  }

  @Test
  void aWriteToTheBaseOrAnotherViewReachesTheResult() {
    Tensor x = numbers().requiresGrad_().clone();
    Tensor row = x.select(0, 1);
    row.exp_();
    write(x.select(0, 0)); // other numbers, but the counter is that of the storage
    assertTrue(isModified(row));
  }

  @Test
  void aNegativeSlopeIsAnErrorAtBackward() {
    assertSlope("In-place elu backward calculation", x -> x.elu_(-0.7));
    assertSlope("In-place elu backward calculation", x -> x.celu_(-0.7));
    assertSlope("In-place leakyReLu backward calculation", x -> x.leakyRelu_(-0.7));
  }

  private static void assertSlope(String text, UnaryOperator<Tensor> call) {
    Tensor x = numbers().requiresGrad_().clone();
    Tensor sum = call.apply(x).sum();
    var e = assertThrows(AutogradException.class, sum::backward);
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  @Test
  void hooksGetTheNumbersOfBothSidesOfTheWrite() {
    Tensor a = numbers().requiresGrad_();
    Tensor b = numbers().requiresGrad_();
    Tensor x = a.clone();
    Tensor y = b.clone();
    try (var hooks = SavedTensorHooks.use(Tensor::toDoubles, n -> Tensor.of(n, 2, 2))) {
      x.log_();
      y.exp_();
    }
    write(x);
    write(y);
    x.add(y).sum().backward();
    assertEquals(1 / 0.2, a.grad().at(0, 0));
    assertEquals(Math.exp(0.2), b.grad().at(0, 0));
  }

  private static Tensor numbers() {
    return Tensor.of(new double[] {0.2, 0.4, 0.6, 0.8}, 2, 2);
  }

  private static Tensor indices(long... at) {
    return at.length == 1 ? Tensor.of(at, 1) : Tensor.zeros(DType.INT64, 2, 2);
  }

  /* The same values, but another version. */
  private static void write(Tensor t) {
    try (var off = Grad.noGrad()) {
      t.mul_(1);
    }
  }

  private static boolean isModified(Tensor x) {
    try {
      x.sum().backward();
      return false;
    } catch (AutogradException e) {
      assertTrue(e.getMessage().contains("modified by an inplace operation"), e.getMessage());
      return true;
    }
  }
}
