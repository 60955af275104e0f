package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What tensors of every type do, by goldens/dtypes.json and promotion.json (scripts beside). */
class TypesTest {
  private static final JsonNode GOLDENS = Goldens.read("dtypes.json");

  private static Stream<JsonNode> cases(String kind) {
    return StreamSupport.stream(GOLDENS.get(kind).spliterator(), false);
  }

  static Stream<JsonNode> casts() {
    return cases("casts");
  }

  static Stream<JsonNode> prints() {
    return cases("prints");
  }

  static Stream<JsonNode> binary() {
    return cases("binary");
  }

  static Stream<JsonNode> promotions() {
    return StreamSupport.stream(Goldens.read("promotion.json").spliterator(), false);
  }

  private static DType dtype(JsonNode name) {
    return DType.valueOf(name.asText().toUpperCase(Locale.ROOT));
  }

  private static Tensor tensor(JsonNode values) {
    if (values.get(0).isTextual()) {
      double[] numbers = new double[values.size()];
      for (int i = 0; i < numbers.length; i++)
        numbers[i] = Double.parseDouble(javaName(values.get(i).asText()));
      return Tensor.of(numbers, numbers.length);
    }
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) numbers[i] = values.get(i).longValue();
    return Tensor.of(numbers, numbers.length);
  }

  private static String javaName(String number) {
    return number.replace("inf", "Infinity").replace("nan", "NaN");
  }

  private static void assertSame(JsonNode values, Tensor t) {
    Tensor expected = tensor(values);
    if (t.dtype().isFloatingPoint()) assertArrayEquals(expected.toDoubles(), t.toDoubles());
    else assertArrayEquals(expected.toLongs(), t.toLongs());
  }

  @ParameterizedTest
  @MethodSource("casts")
  void aCastIsPyTorchs(JsonNode c) {
    Tensor given = tensor(c.get("values")).to(dtype(c.get("from")));
    Tensor cast = given.to(dtype(c.get("by"))).to(dtype(c.get("to")));
    assertEquals(dtype(c.get("to")), cast.dtype());
    assertSame(c.get("result"), cast);
  }

  @ParameterizedTest
  @MethodSource("prints")
  void theTextIsPyTorchs(JsonNode c) {
    DType type = dtype(c.get("dtype"));
    Tensor t = Tensor.tensor(0L, 1, 2, 3, 4, 100).view(2, 3).to(type);
    Tensor shown =
        switch (c.get("of").asText()) {
          case "matrix" -> t;
          case "scalar" -> t.select(0, 1).select(0, 2);
          case "empty" -> t.narrow(0, 0, 0);
          case "flat" -> t.select(0, 0).narrow(0, 0, 0);
          default -> Tensor.tensor(1.5, -0.001, 65504.0, 1e-7, 0.1).to(type);
        };
    assertEquals(c.get("text").asText(), shown.toString());
  }

  @ParameterizedTest
  @MethodSource("binary")
  void integersComputeToTheLastBitAndWrapAround(JsonNode c) {
    Tensor all = tensor(GOLDENS.get("small"));
    int n = all.numel();
    Tensor a = all.unsqueeze(1).expand(n, n).reshape(-1).to(dtype(c.get("a")));
    Tensor b = all.unsqueeze(0).expand(n, n).reshape(-1).to(dtype(c.get("b")));
    Tensor y =
        switch (c.get("op").asText()) {
          case "add" -> a.add(b);
          case "sub" -> a.sub(b);
          case "mul" -> a.mul(b);
          case "floorDivide" -> a.floorDivide(b);
          case "remainder" -> a.remainder(b);
          case "fmod" -> a.fmod(b);
          case "maximum" -> a.maximum(b);
          case "bitwiseAnd" -> a.bitwiseAnd(b);
          case "bitwiseXor" -> a.bitwiseXor(b);
          case "lt" -> a.lt(b);
          default -> a.eq(b);
        };
    assertEquals(dtype(c.get("dtype")), y.dtype());
    assertSame(c.get("result"), y);
  }

  @ParameterizedTest
  @MethodSource("promotions")
  void operandsMeetInPyTorchsResultType(JsonNode c) {
    Tensor a = operand(c.get(0).asText(), c.get(1).asText());
    boolean isNumber = c.get(3).asText().equals("number");
    Tensor b = isNumber ? number(c.get(2).asText()) : operand(c.get(2).asText(), c.get(3).asText());
    assertEquals(dtype(c.get(4)), DType.promote(a, b));
    assertEquals(dtype(c.get(4)), DType.promote(b, a));
  }

  private static Tensor number(String kind) {
    return kind.equals("long") ? Tensor.number(3L) : Tensor.number(1.5);
  }

  private static Tensor operand(String type, String form) {
    DType dtype = DType.valueOf(type.toUpperCase(Locale.ROOT));
    return form.equals("dims") ? Tensor.zeros(dtype, 2) : Tensor.zeros(dtype);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void whatMakesTensorsMakesThemOfEveryType(DType type) {
    boolean hasSequences = type != DType.BOOL; // as in PyTorch
    for (Tensor t :
        List.of(
            Tensor.zeros(type, 3),
            Tensor.full(1, type, 3),
            hasSequences ? Tensor.arange(0, 3, 1, type) : Tensor.zeros(type, 3),
            hasSequences ? Tensor.linspace(0, 2, 3, type) : Tensor.zeros(type, 3),
            Tensor.tensor(1.0, 0, 1).to(type),
            Tensor.of(type, Tensor.zeros(type, 3).storage().numbers(), 3))) {
      assertEquals(type, t.dtype());
      assertArrayEquals(new int[] {3}, t.shape());
    }
    assertArrayEquals(new double[] {1, 1}, Tensor.full(1, type, 2).toDoubles());
    assertThrows(ClassCastException.class, () -> Tensor.of(type, new char[3], 3));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void numbersOfEveryTypeAreMovedAndCompared(DType type) {
    Tensor t = Tensor.tensor(0L, 1, 1, 0, 1, 0).to(type).view(2, 3);
    Tensor ones = Tensor.ones(2, 3).to(type);
    for (Tensor moved :
        List.of(t.t().contiguous().t(), t.clone(), t.flip(0).flip(0), Tensor.cat(List.of(t), 0))) {
      assertEquals(type, moved.dtype());
      assertArrayEquals(t.toDoubles(), moved.toDoubles());
    }
    assertArrayEquals(t.toLongs(), t.eq(ones).toLongs());
    assertArrayEquals(t.toLongs(), t.eq(1L).toLongs());
    assertArrayEquals(t.toLongs(), t.ne(t.newZeros(2, 3)).toLongs());
    assertArrayEquals(t.toLongs(), t.ne(0L).where(ones, t).toLongs());
    assertEquals(1, t.at(1, 1));
    assertEquals(1, t.select(0, 0).select(0, 1).item());
    Tensor written = Tensor.zeros(type, 2, 3);
    written.copy_(Tensor.ones(3));
    written.select(0, 1).copy_(t.select(0, 1));
    assertArrayEquals(new double[] {1, 1, 1, 0, 1, 0}, written.toDoubles());
    assertEquals(type, written.newEmpty(3).fill_(1).dtype());
  }

  @Test
  void randomHalvesAreDrawnAsFloats() {
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      String text =
          assertThrows(IllegalArgumentException.class, () -> Tensor.rand(half, 5)).getMessage();
      assertTrue(text.contains("draw float32 and cast it"), text);
      assertEquals(half, Tensor.zeros(half, 5).random_(0, 9).dtype());
    }
  }

  @Test
  void aHalfComparesWithTheNumberAsItWouldHoldIt() {
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      Tensor t = Tensor.tensor(0.1, 0.2).to(half);
      assertArrayEquals(new long[] {1, 0}, t.eq(0.1).toLongs());
      assertArrayEquals(new long[] {1, 0}, t.eq(Tensor.scalar(0.1)).toLongs());
    }
  }

  @Test
  void arithmeticOnHalvesSaysToCastFirst() {
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      Tensor t = Tensor.zeros(half, 2, 2);
      Tensor f = Tensor.ones(2, 2);
      List<Runnable> calls =
          List.of(
              () -> t.add(f),
              () -> f.mul(t),
              () -> t.mul_(2),
              () -> f.add_(t),
              () -> t.sum(),
              () -> t.exp(),
              () -> t.matmul(t),
              () -> t.max(),
              () -> t.softmax(0));
      String end = half + " stores numbers, it does not compute; cast first: .to(DType.FLOAT32)";
      for (Runnable call : calls) {
        String text = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(text.endsWith(end), text);
      }
      assertArrayEquals(new double[] {1, 1, 1, 1}, t.to(DType.FLOAT32).add(f).toDoubles());
    }
  }

  @Test
  void gradientsReachAHalfThroughItsCast() {
    Tensor x = Tensor.tensor(1.5, 2).to(DType.FLOAT16).requiresGrad_();
    x.to(DType.FLOAT32).square().sum().backward();
    assertEquals(DType.FLOAT16, x.grad().dtype());
    assertArrayEquals(new double[] {3, 4}, x.grad().toDoubles());
  }

  @Test
  void aFloatIsRoundedToTheNearestHalf() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      float v = Float.intBitsToFloat(random.nextInt());
      short half = HalfPrecision.toFloat16(v);
      short bfloat = HalfPrecision.toBFloat16(v);
      if (Float.isNaN(v)) {
        assertTrue(Float.isNaN(HalfPrecision.fromFloat16(half)));
        assertTrue(Float.isNaN(HalfPrecision.fromBFloat16(bfloat)));
      } else {
        assertNearest(v, half, HalfPrecision::fromFloat16);
        assertNearest(v, bfloat, HalfPrecision::fromBFloat16);
      }
    }
    for (int bits = 0; bits < 1 << 16; bits++) {
      float half = HalfPrecision.fromFloat16((short) bits);
      float bfloat = HalfPrecision.fromBFloat16((short) bits);
      if (half == half) assertEquals((short) bits, HalfPrecision.toFloat16(half));
      if (bfloat == bfloat) assertEquals((short) bits, HalfPrecision.toBFloat16(bfloat));
    }
  }

  private interface Value {
    float of(short bits);
  }

  /* Neither neighbour is nearer, and of two as near it is the even one. */
  private static void assertNearest(float v, short bits, Value value) {
    float rounded = value.of(bits);
    if (Float.isInfinite(rounded)) {
      assertTrue(Math.abs(v) >= halfAboveTheLargest(bits, value), v + " gave " + rounded);
      return;
    }
    double error = Math.abs((double) v - rounded);
    for (short other : new short[] {(short) (bits - 1), (short) (bits + 1)}) {
      float neighbour = value.of(other);
      if (Float.isNaN(neighbour)) continue; // beside 0
      if (Float.isInfinite(neighbour)) {
        assertTrue(Math.abs(v) < halfAboveTheLargest(other, value), v + " gave " + rounded);
        continue;
      }
      double its = Math.abs((double) v - neighbour);
      assertTrue(error < its || error == its && (bits & 1) == 0, v + " gave " + rounded);
    }
  }

  /* Where the next number would lie, were there one, infinity begins half a step earlier. */
  private static double halfAboveTheLargest(short infinity, Value value) {
    double largest = Math.abs(value.of((short) (infinity - 1)));
    double before = Math.abs(value.of((short) (infinity - 2)));
    return largest + (largest - before) / 2;
  }

  @Test
  void sumsOfEveryIntegerTypeAreInt64() {
    for (DType type : Arrays.copyOfRange(DType.values(), 0, 6)) {
      Tensor t = Tensor.full(1, type, 300);
      assertEquals(DType.INT64, t.sum().dtype());
      assertEquals(300, t.sum().item());
      assertEquals(300, t.cumsum(0).at(299));
    }
  }
}
