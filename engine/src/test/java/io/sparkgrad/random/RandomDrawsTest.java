package io.sparkgrad.random;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AutogradException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random numbers in tensors of every layout are PyTorch's, and so is where the generator stands
 * behind them (random-draws.py).
 */
class RandomDrawsTest {
  private static final JsonNode FILE = Goldens.read("random-draws.json");
  private static final long SEED = FILE.get("seed").longValue();

  private static Tensor layout(String name, Tensor base) {
    Tensor flat = base.view(48);
    return switch (name) {
      case "row" -> flat.narrow(0, 0, 7);
      case "row16" -> flat.narrow(0, 0, 16);
      case "row37" -> flat.narrow(0, 0, 37);
      case "offset" -> flat.narrow(0, 3, 21);
      case "scalar" -> base.select(0, 0).select(0, 0).select(0, 0);
      case "empty" -> base.narrow(0, 0, 0);
      case "whole" -> base;
      case "transposed" -> base.transpose(0, 2);
      case "transposed small" -> base.select(0, 0).narrow(0, 0, 3).t();
      case "permuted" -> base.permute(1, 2, 0);
      case "step 2" -> flat.slice(0, 0, 48, 2);
      case "step 2 small" -> flat.slice(0, 0, 9, 2);
      case "columns" -> base.narrow(1, 1, 2);
      case "column" -> base.select(1, 1).select(1, 1);
      case "steps transposed" -> base.slice(1, 0, 6, 2).transpose(0, 1);
      case "one wide" -> base.narrow(1, 0, 1).transpose(0, 1);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Tensor draw(JsonNode c) {
    DType dtype = DType.valueOf(c.get("dtype").textValue().toUpperCase(Locale.ROOT));
    String name = c.get("layout").textValue();
    Tensor t = layout(name, Tensor.zeros(dtype, 4, 6, 2));
    double[] a = Goldens.doubles(c.get("args"));
    Tensor p = dtype.isFloatingPoint() ? layout(name, chances(dtype)) : t;
    return draw(c.get("op").textValue(), t, p, a);
  }

  private static Tensor chances(DType dtype) {
    try (var seeded = Generator.use(new Generator(3))) {
      return Tensor.rand(dtype, 4, 6, 2);
    }
  }

  private static Tensor draw(String op, Tensor t, Tensor p, double[] a) {
    return switch (op) {
      case "uniform_" -> a.length == 0 ? t.uniform_() : t.uniform_(a[0], a[1]);
      case "normal_" -> a.length == 0 ? t.normal_() : t.normal_(a[0], a[1]);
      case "bernoulli_" -> t.bernoulli_(a[0]);
      case "exponential_" -> a.length == 0 ? t.exponential_() : t.exponential_(a[0]);
      case "geometric_" -> t.geometric_(a[0]);
      case "log_normal_" -> a.length == 0 ? t.logNormal_() : t.logNormal_(a[0], a[1]);
      case "cauchy_" -> a.length == 0 ? t.cauchy_() : t.cauchy_(a[0], a[1]);
      case "random_" ->
          a.length == 0
              ? t.random_()
              : a.length == 1 ? t.random_((long) a[0]) : t.random_((long) a[0], (long) a[1]);
      case "rand_like" -> Tensor.randLike(t);
      case "randn_like" -> Tensor.randnLike(t);
      case "dropout" -> t.fill_(1).dropout(a[0], true);
      case "alpha_dropout" -> t.fill_(1).alphaDropout(a[0], true);
      case "bernoulli" -> Tensor.bernoulli(p);
      case "bernoulli_ p" -> t.bernoulli_(p);
      case "bernoulli_ one p" -> t.bernoulli_(Tensor.full(0.3, DType.FLOAT64));
      case "normal tensors" -> Tensor.normal(p, p.mul(2));
      case "normal mean" -> Tensor.normal(p, a[0]);
      case "normal std" -> Tensor.normal(a[0], p);
      case "multinomial" -> Tensor.multinomial(p, (int) a[0], a[1] != 0);
      default -> throw new IllegalArgumentException(op);
    };
  }

  @TestFactory
  Stream<DynamicTest> numbersAndStateArePyTorchs() {
    TreeMap<String, List<JsonNode>> byOp = new TreeMap<>();
    for (JsonNode c : FILE.get("cases"))
      byOp.computeIfAbsent(c.get("op").textValue(), op -> new ArrayList<>()).add(c);
    return byOp.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> e.getValue().forEach(this::check)));
  }

  private void check(JsonNode c) {
    String what = c.get("op") + " " + c.get("args") + " " + c.get("layout") + " " + c.get("dtype");
    Generator generator = new Generator(SEED);
    Tensor drawn;
    float next;
    try (var used = Generator.use(generator)) {
      drawn = draw(c);
      next = generator.nextFloat();
    }
    assertEquals("torch." + c.get("type").textValue(), drawn.dtype().toString(), what);
    assertArrayEquals(Goldens.shape(c), drawn.shape(), what);
    Goldens.assertClose(Goldens.doubles(c.get("values")), drawn.toDoubles(), 1e-15, what);
    assertEquals(c.get("next").floatValue(), next, what);
  }

  static Stream<Arguments> wrongArguments() {
    Tensor f = Tensor.zeros(2);
    Tensor i = Tensor.zeros(DType.INT64, 2);
    double nan = Double.NaN;
    return Stream.of(
        wrongCall(
            "uniform_ expects to return a [from, to) range, but found from=2 > to=1",
            () -> f.uniform_(2, 1)),
        wrongCall("from is out of bounds for float", () -> f.uniform_(nan, 1)),
        wrongCall("to is out of bounds for float", () -> f.uniform_(0, Double.POSITIVE_INFINITY)),
        wrongCall("in to-from to exceed the limit", () -> f.uniform_(-3e38, 3e38)),
        wrongCall("normal expects std >= 0.0, but found std -1", () -> f.normal_(0, -1)),
        wrongCall("normal expects std >= 0.0, but found std NaN", () -> f.normal_(0, nan)),
        wrongCall(
            "normal expects std >= 0.0, but found std -1", () -> f.narrow(0, 0, 0).normal_(0, -1)),
        wrongCall("bernoulli_ expects p to be in [0, 1], but got p=", () -> f.bernoulli_(1.5)),
        wrongCall("bernoulli_ expects p to be in [0, 1], but got p=", () -> f.bernoulli_(nan)),
        wrongCall("bernoulli_ expects p to be in [0, 1], but got p=", () -> f.bernoulli_(-0.1)),
        wrongCall("probabilities must be of a floating point dtype", () -> f.bernoulli_(i)),
        wrongCall("probabilities must be of a floating point dtype", () -> Tensor.bernoulli(i)),
        wrongCall(
            "exponential_ expects lambda >= 0.0, but found lambda=-1", () -> f.exponential_(-1)),
        wrongCall(
            "exponential_ expects lambda >= 0.0, but found lambda=NaN", () -> f.exponential_(nan)),
        wrongCall("geometric_ expects p to be in (0, 1), but got p=", () -> f.geometric_(0)),
        wrongCall("geometric_ expects p to be in (0, 1), but got p=", () -> f.geometric_(1)),
        wrongCall("geometric_ expects p to be in (0, 1), but got p=", () -> f.geometric_(nan)),
        wrongCall("log_normal_ expects std > 0.0, but found std=0", () -> f.logNormal_(0, 0)),
        wrongCall(
            "random_ expects 'from' to be less than 'to', but got from=3 >= to=2",
            () -> f.random_(3, 2)),
        wrongCall(
            "random_ expects 'from' to be less than 'to', but got from=0 >= to=-5",
            () -> f.random_(-5)),
        wrongCall(
            "to - 1 is out of bounds", () -> Tensor.zeros(DType.INT32, 2).random_(0, 1L << 40)),
        wrongCall("to - 1 is out of bounds", () -> Tensor.zeros(DType.BOOL, 2).random_(3)),
        wrongCall("from is out of bounds", () -> Tensor.zeros(DType.UINT8, 2).random_(-1, 25)),
        wrongCall(
            "normal expects all elements of std >= 0.0",
            () -> Tensor.normal(f, Tensor.tensor(1.0, -1))),
        wrongCall(
            "normal expects all elements of std >= 0.0",
            () -> Tensor.normal(0, Tensor.tensor(1.0, nan))),
        wrongCall("normal expects std >= 0.0, but found std NaN", () -> Tensor.normal(f, nan)),
        wrongCall("not implemented for torch.int64", () -> i.uniform_()),
        wrongCall("not implemented for torch.int64", () -> i.normal_()),
        wrongCall("not implemented for torch.int64", () -> i.exponential_()),
        wrongCall("not implemented for torch.int64", () -> Tensor.randLike(i)),
        wrongCall("not implemented for torch.int64", () -> Tensor.randnLike(i)),
        wrongCall("not implemented for torch.int64", () -> Tensor.normal(i, 1)),
        wrongCall("not implemented for torch.int64", () -> Tensor.rand(DType.INT64, 2)),
        wrongCall(
            "more than one element of the written-to tensor",
            () -> Tensor.ones(2).expand(3, 2).uniform_()));
  }

  /** PyTorch's refusals; a refused draw leaves the generator where it was. */
  @ParameterizedTest
  @MethodSource("wrongArguments")
  void wrongArgumentsAreRefused_beforeAnythingIsDrawn(String text, Executable call) {
    Generator before = Generator.current().copy();
    String said = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(said.contains(text), said);
    assertTrue(before.sameState(Generator.current()));
  }

  @Test
  void aLeafThatRequiresAGradientIsRefused_beforeAnythingIsDrawn() {
    Tensor leaf = Tensor.ones(2).requiresGrad_();
    Generator before = Generator.current().copy();
    assertThrows(AutogradException.class, leaf::uniform_);
    assertTrue(before.sameState(Generator.current()));
  }

  /* As in PyTorch the good ones before it are drawn. */
  @Test
  void aChanceThatIsNoneIsRefused() {
    for (double bad : new double[] {1.5, -0.5, Double.NaN}) {
      String text =
          assertThrows(
                  IllegalArgumentException.class, () -> Tensor.bernoulli(Tensor.tensor(0.5, bad)))
              .getMessage();
      assertTrue(text.contains("expects all probabilities to be in [0, 1]"), text);
    }
  }

  static Stream<Arguments> nodes() {
    return Stream.of(
        node("UniformBackward0", t -> t.mul(2).uniform_()),
        node("NormalBackward0", t -> t.mul(2).normal_()),
        node("BernoulliBackward2", t -> t.mul(2).bernoulli_(0.5)),
        node("BernoulliBackward1", t -> t.mul(2).bernoulli_(Tensor.full(0.5, 3))),
        node("BernoulliBackward1", t -> Tensor.zeros(3).bernoulli_(t)),
        node("ExponentialBackward0", t -> t.mul(2).exponential_()),
        node("GeometricBackward0", t -> t.mul(2).geometric_(0.5)),
        node("LogNormalBackward0", t -> t.mul(2).logNormal_()),
        node("CauchyBackward0", t -> t.mul(2).cauchy_()),
        node("RandomBackward2", t -> t.mul(2).random_()),
        node("RandomBackward1", t -> t.mul(2).random_(2)),
        node("RandomBackward0", t -> t.mul(2).random_(0, 2)),
        node("BernoulliBackward0", Tensor::bernoulli),
        node("NormalBackward3", t -> Tensor.normal(t, t)),
        node("NormalBackward3", t -> Tensor.normal(Tensor.zeros(2, 3), t)),
        node("NormalBackward1", t -> Tensor.normal(t, 1)),
        node("NormalBackward2", t -> Tensor.normal(1, t)));
  }

  private static Arguments node(String name, UnaryOperator<Tensor> draw) {
    return argumentSet(name, name, draw);
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void whatWasOverwrittenGetsZeros_byPyTorchsNodes(String name, UnaryOperator<Tensor> draw) {
    Tensor x = Tensor.full(0.5, 3).requiresGrad_();
    Tensor y = draw.apply(x);
    assertEquals(name, y.gradFn().name());
    y.sum().backward();
    assertArrayEquals(new double[3], x.grad().toDoubles());
  }

  @Test
  void whatIsDrawnLikeAnotherOrByWeightHasNoGradient() {
    Tensor x = Tensor.full(0.5, 3).requiresGrad_();
    assertFalse(Tensor.randLike(x).requiresGrad());
    assertFalse(Tensor.multinomial(x, 2, false).requiresGrad());
  }

  @Test
  void likeAnotherTensor_theNumbersLieInTheSameOrder() {
    Tensor t = Tensor.zeros(4, 6).t();
    for (Tensor like :
        new Tensor[] {
          Tensor.emptyLike(t),
          Tensor.zerosLike(t),
          Tensor.onesLike(t),
          Tensor.fullLike(t, 2),
          Tensor.randLike(t),
          Tensor.randnLike(t),
          Tensor.zerosLike(Tensor.zeros(8, 6).slice(0, 0, 8, 2).t())
        }) {
      assertArrayEquals(new int[] {1, 6}, like.strides());
      assertNull(like.gradFn());
    }
    assertArrayEquals(new int[] {6, 1}, Tensor.emptyLike(Tensor.zeros(6).expand(4, 6)).strides());
  }

  @Test
  void coinsAreOfAnyType() {
    assertEquals(DType.INT32, Tensor.bernoulli(Device.CPU, DType.INT32, 0.3, 2, 5).dtype());
  }
}
