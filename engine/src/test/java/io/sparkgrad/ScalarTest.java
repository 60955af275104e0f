package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A Java number beside a tensor: a long keeps integers, to the last bit, a double is what a Python
 * float is, and what does not fit is an error. By goldens/scalars.json (script beside it).
 */
class ScalarTest {
  private static final Tensor MASK = Tensor.of(new boolean[] {false, true, false, true}, 4);
  private static final Tensor AT = Tensor.tensor(1L, 3L);
  private static final int[] ONE = {1, 0};

  private interface WithLong {
    Tensor of(Tensor x, long v);
  }

  private interface WithDouble {
    Tensor of(Tensor x, double v);
  }

  private record Call(WithLong whole, WithDouble real) {}

  private static final Map<String, Call> CALLS =
      Map.ofEntries(
          call("add", (x, v) -> x.add(v), (x, v) -> x.add(v)),
          call("addAlpha", (x, v) -> x.add(x, v), (x, v) -> x.add(x, v)),
          call("addAlpha_", (x, v) -> x.add_(x.clone(), v), (x, v) -> x.add_(x.clone(), v)),
          call("subAlpha", (x, v) -> x.sub(x, v), (x, v) -> x.sub(x, v)),
          call("mul_", (x, v) -> x.mul_(v), (x, v) -> x.mul_(v)),
          call("rsub", (x, v) -> x.rsub(v), (x, v) -> x.rsub(v)),
          call("divFloor", (x, v) -> x.div(v, "floor"), (x, v) -> x.div(v, "floor")),
          call("floorDivide", (x, v) -> x.floorDivide(v), (x, v) -> x.floorDivide(v)),
          call("remainder", (x, v) -> x.remainder(v), (x, v) -> x.remainder(v)),
          call("fmod", (x, v) -> x.fmod(v), (x, v) -> x.fmod(v)),
          call("pow", (x, v) -> x.pow(v), (x, v) -> x.pow(v)),
          call("pow_", (x, v) -> x.pow_(v), (x, v) -> x.pow_(v)),
          call("clamp", (x, v) -> x.clamp(v, v), (x, v) -> x.clamp(v, v)),
          call("clamp_", (x, v) -> x.clamp_(v, v), (x, v) -> x.clamp_(v, v)),
          call("clampMin", (x, v) -> x.clampMin(v), (x, v) -> x.clampMin(v)),
          call("clampMin_", (x, v) -> x.clampMin_(v), (x, v) -> x.clampMin_(v)),
          call("clampMax", (x, v) -> x.clampMax(v), (x, v) -> x.clampMax(v)),
          call("hardtanh", (x, v) -> x.hardtanh(-1, v), (x, v) -> x.hardtanh(-1, v)),
          call("hardtanh_", (x, v) -> x.hardtanh_(-1, v), (x, v) -> x.hardtanh_(-1, v)),
          call("threshold", (x, v) -> x.threshold(v, v), (x, v) -> x.threshold(v, v)),
          call("threshold_", (x, v) -> x.threshold_(v, v), (x, v) -> x.threshold_(v, v)),
          call("addcmul", (x, v) -> x.addcmul(x, x, v), (x, v) -> x.addcmul(x, x, v)),
          call("fill_", (x, v) -> x.fill_(v), (x, v) -> x.fill_(v)),
          call("full", (x, v) -> Tensor.full(v, 2), (x, v) -> Tensor.full(v, 2)),
          call(
              "fullOfType",
              (x, v) -> Tensor.full(v, x.dtype(), 2),
              (x, v) -> Tensor.full(v, x.dtype(), 2)),
          call("newFull", (x, v) -> x.newFull(v, 2), (x, v) -> x.newFull(v, 2)),
          call("fullLike", (x, v) -> Tensor.fullLike(x, v), (x, v) -> Tensor.fullLike(x, v)),
          call("maskedFill", (x, v) -> x.maskedFill(MASK, v), (x, v) -> x.maskedFill(MASK, v)),
          call("maskedFill_", (x, v) -> x.maskedFill_(MASK, v), (x, v) -> x.maskedFill_(MASK, v)),
          call("indexFill", (x, v) -> x.indexFill(0, AT, v), (x, v) -> x.indexFill(0, AT, v)),
          call("indexFill_", (x, v) -> x.indexFill_(0, AT, v), (x, v) -> x.indexFill_(0, AT, v)),
          call("scatter", (x, v) -> x.scatter(0, AT, v), (x, v) -> x.scatter(0, AT, v)),
          call(
              "indexAdd",
              (x, v) -> x.indexAdd(0, AT, x.narrow(0, 0, 2), v),
              (x, v) -> x.indexAdd(0, AT, x.narrow(0, 0, 2), v)),
          call("pad", (x, v) -> x.pad(ONE, "constant", v), (x, v) -> x.pad(ONE, "constant", v)),
          call("eq", (x, v) -> x.eq(v), (x, v) -> x.eq(v)),
          call("lt", (x, v) -> x.lt(v), (x, v) -> x.lt(v)));

  private static Map.Entry<String, Call> call(String name, WithLong whole, WithDouble real) {
    return Map.entry(name, new Call(whole, real));
  }

  static Stream<JsonNode> cases() {
    return StreamSupport.stream(Goldens.read("scalars.json").spliterator(), false);
  }

  static Stream<JsonNode> taken() {
    return cases().filter(c -> !c.has("error"));
  }

  static Stream<JsonNode> refused() {
    return cases().filter(c -> c.has("error"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aNumberIsRefusedAsByPyTorch(JsonNode c) {
    Tensor x = input(c);
    assertThrows(RuntimeException.class, () -> apply(c, x), c.get("error").asText());
  }

  @ParameterizedTest
  @MethodSource("taken")
  void aNumberIsTakenAsByPyTorch(JsonNode c) {
    Tensor y = apply(c, input(c));
    assertEquals(dtype(c.get("result")), y.dtype());
    Tensor expected = tensor(c.get("values"));
    if (!y.dtype().isFloatingPoint()) assertArrayEquals(expected.toLongs(), y.toLongs());
    else
      assertArrayEquals(
          relative(expected.toDoubles()), relative(y.toDoubles()), 1e-6, () -> y + " " + c);
  }

  /* Of float32 the last digits may differ. */
  private static double[] relative(double[] numbers) {
    return Arrays.stream(numbers).map(v -> Math.signum(v) * Math.log1p(Math.abs(v))).toArray();
  }

  private static Tensor input(JsonNode c) {
    return tensor(c.get("numbers")).to(dtype(c.get("dtype")));
  }

  private static Tensor apply(JsonNode c, Tensor x) {
    Call call = CALLS.get(c.get("call").asText());
    JsonNode value = c.get("value");
    return value.isTextual() ? call.real.of(x, number(value)) : call.whole.of(x, value.longValue());
  }

  private static double number(JsonNode v) {
    return v.isTextual()
        ? Double.parseDouble(v.asText().replace("inf", "Infinity").replace("nan", "NaN"))
        : v.doubleValue();
  }

  private static DType dtype(JsonNode name) {
    return DType.valueOf(name.asText().toUpperCase(Locale.ROOT));
  }

  private static Tensor tensor(JsonNode values) {
    boolean whole = true;
    for (JsonNode v : values) whole &= v.isIntegralNumber();
    int n = values.size();
    if (whole) {
      long[] longs = new long[n];
      for (int i = 0; i < n; i++) longs[i] = values.get(i).longValue();
      return Tensor.of(longs, n);
    }
    double[] doubles = new double[n];
    for (int i = 0; i < n; i++) doubles[i] = number(values.get(i));
    return Tensor.of(doubles, n);
  }

  /* Whose result does not depend on the kind of the number, or that takes floats alone. */
  private static final Set<String> DOUBLES_ALONE =
      Set.of(
          "scalar logspace bernoulli bernoulli_ uniform uniform_ normal normal_ exponential_ geometric_ cauchy_ logNormal_ tensor of"
              .split(" "));

  private static final Set<String> ALWAYS_FLOATING =
      Set.of(
          ("div div_ copysign copysign_ lerp lerp_ addcdiv addcdiv_ nanToNum nanToNum_ isclose"
                  + " logit logit_ softplus softplus_ elu elu_ celu celu_ leakyRelu leakyRelu_"
                  + " hardshrink hardshrink_ softshrink softshrink_ norm dist pairwiseDistance"
                  + " cdist cosineSimilarity renorm crossEntropy histc dropout featureDropout trueDivide trueDivide_ floatPower renorm_"
                  + " alphaDropout featureAlphaDropout linspace"
                  + " interpolate batchNorm groupNorm instanceNorm rmsNorm")
              .split(" "));

  /* Products of matrices: beta and alpha are cut for integers, as PyTorch does. */
  private static final Set<String> PRODUCTS =
      Set.of("addmm baddbmm addmv addr addbmm addmm_ baddbmm_ addmv_ addr_ addbmm_".split(" "));

  /** A method that takes a double takes a long as well, unless its result cannot depend on it. */
  @Test
  void everyMethodThatTakesANumberTakesItsKind() {
    Set<String> missing = new TreeSet<>();
    for (Method m : Tensor.class.getMethods()) {
      if (!takesNumbers(m) || m.isBridge()) continue;
      boolean hasTwin = Stream.of(Tensor.class.getMethods()).anyMatch(o -> isTwin(m, o));
      Set<String> exempt =
          Stream.of(DOUBLES_ALONE, ALWAYS_FLOATING, PRODUCTS)
              .flatMap(Set::stream)
              .collect(Collectors.toSet());
      if (!hasTwin && !exempt.contains(m.getName())) missing.add(m.toString());
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean takesNumbers(Method m) {
    return Modifier.isPublic(m.getModifiers())
        && m.getReturnType() == Tensor.class
        && List.of(m.getParameterTypes()).contains(double.class);
  }

  private static boolean isTwin(Method m, Method other) {
    Class<?>[] wanted =
        Arrays.stream(m.getParameterTypes())
            .map(t -> t == double.class ? long.class : t)
            .toArray(Class<?>[]::new);
    return other.getName().equals(m.getName()) && Arrays.equals(wanted, other.getParameterTypes());
  }

  @Test
  void theExamplesOfTheReport() {
    Tensor t = Tensor.tensor(16777217L, 5L);
    Tensor second = Tensor.of(new boolean[] {false, true}, 2);
    assertArrayEquals(new long[] {16777217, 0}, t.maskedFill(second, 0).toLongs());
    assertArrayEquals(new long[] {16777217, 0}, t.clone().maskedFill_(second, 0).toLongs());
    assertArrayEquals(new long[] {16777217, 1}, t.clone().maskedFill_(second, 1.5).toLongs());
    assertEquals(DType.BOOL, Tensor.ones(2, 2).gt(0).tril(0).dtype());
    assertEquals(99, Tensor.arange((1L << 60) + 1, (1L << 60) + 100, 1).numel());
    assertEquals((1L << 60) + 99, Tensor.arange((1L << 60) + 1, (1L << 60) + 100, 1).atLong(98));
    assertArrayEquals(new long[] {-3, -1, 1}, Tensor.arange(-3, 3, 2).toLongs());
    String text =
        assertThrows(IllegalArgumentException.class, () -> Tensor.full(Double.NaN, DType.INT64, 2))
            .getMessage();
    assertTrue(text.contains("value cannot be converted to type int64 without overflow"), text);
  }

  @Test
  void aWholeNumberThatNoDoubleIsIsReadAsALong() {
    long big = (1L << 53) + 1;
    Tensor t = Tensor.tensor(5, big, Long.MAX_VALUE, Long.MIN_VALUE);
    assertEquals(5, t.at(0));
    assertEquals(Long.MIN_VALUE, t.at(3));
    assertEquals(big, t.atLong(1));
    assertEquals(big, t.select(0, 1).itemLong());
    assertEquals(Long.MAX_VALUE, t.atLong(-2));
    assertThrows(ArithmeticException.class, () -> t.at(2));
    String text = assertThrows(ArithmeticException.class, () -> t.select(0, 1).item()).getMessage();
    assertEquals("9007199254740993 is no double: item() cannot give it; itemLong() can", text);
    assertEquals(big, Tensor.full(big, 2).atLong(0));
    assertEquals(big, Tensor.zeros(DType.INT64, 2).fill_(big).atLong(1));
    assertEquals(2, Tensor.scalar(2.9).itemLong());
  }

  /* In the derivative an int64 operand is what it is in the operation: float64 beside float64. */
  @Test
  void anIntegerOperandIsNotRoundedInADerivative() {
    long big = (1L << 40) + 1;
    for (String op : List.of("xlogy", "hypot", "atan2", "pow")) {
      Tensor whole = Tensor.tensor(big, 3L);
      Tensor given = Tensor.of(new double[] {1.25, 2.5}, 2);
      Tensor x = given.clone().requiresGrad_();
      Tensor y = given.clone().requiresGrad_();
      binary(op, x, whole).sum().backward();
      binary(op, y, whole.to(DType.FLOAT64)).sum().backward();
      assertArrayEquals(y.grad().toDoubles(), x.grad().toDoubles(), op);
      Tensor u = given.clone().requiresGrad_();
      Tensor v = given.clone().requiresGrad_();
      binary(op, whole, u).sum().backward();
      binary(op, whole.to(DType.FLOAT64), v).sum().backward();
      assertArrayEquals(v.grad().toDoubles(), u.grad().toDoubles(), op);
    }
  }

  private static Tensor binary(String op, Tensor a, Tensor b) {
    return switch (op) {
      case "xlogy" -> a.xlogy(b);
      case "hypot" -> a.hypot(b);
      case "atan2" -> a.atan2(b);
      default -> a.pow(b);
    };
  }

  @Test
  void cosineSimilarityComputesInTheTypeThatBothMeetIn() {
    Tensor whole = Tensor.tensor((1L << 40) + 1, 1L);
    Tensor real = Tensor.of(new double[] {1, -(1L << 40)}, 2);
    Tensor both = whole.cosineSimilarity(real, 0);
    assertEquals(DType.FLOAT64, both.dtype());
    assertEquals(whole.to(DType.FLOAT64).cosineSimilarity(real, 0).item(), both.item());
    assertThrows(IllegalArgumentException.class, () -> whole.cosineSimilarity(whole, 0));
  }

  @Test
  void integersRangeOverTheirTypeInSequences() {
    assertEquals(DType.UINT8, Tensor.arange(0, 3, 1, DType.UINT8).dtype());
    assertArrayEquals(new long[] {0, 1, 2}, Tensor.arange(0.5, 3, 1, DType.INT64).toLongs());
    assertArrayEquals(new long[] {0, 2, 4}, Tensor.linspace(0.5, 4.5, 3, DType.INT64).toLongs());
  }
}
