package io.sparkgrad;

import static io.sparkgrad.DType.BOOL;
import static io.sparkgrad.DType.FLOAT32;
import static io.sparkgrad.DType.FLOAT64;
import static io.sparkgrad.DType.INT32;
import static io.sparkgrad.DType.INT64;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** In which type operands meet, and exact integers. */
class DTypeTest {
  @ParameterizedTest
  @CsvSource({
    "BOOL, BOOL, BOOL",
    "BOOL, INT32, INT32",
    "BOOL, INT64, INT64",
    "BOOL, FLOAT32, FLOAT32",
    "BOOL, FLOAT64, FLOAT64",
    "INT32, INT32, INT32",
    "INT32, INT64, INT64",
    "INT32, FLOAT32, FLOAT32",
    "INT32, FLOAT64, FLOAT64",
    "INT64, INT64, INT64",
    "INT64, FLOAT32, FLOAT32",
    "INT64, FLOAT64, FLOAT64",
    "FLOAT32, FLOAT32, FLOAT32",
    "FLOAT32, FLOAT64, FLOAT64",
    "FLOAT64, FLOAT64, FLOAT64"
  })
  void twoTensorsMeetInTheHigherKindAndTheWiderType(DType a, DType b, DType result) {
    assertEquals(result, Tensor.zeros(a, 2).add(Tensor.zeros(b, 2)).dtype());
    assertEquals(result, Tensor.zeros(b, 2).add(Tensor.zeros(a, 2)).dtype());
    assertEquals(result, Tensor.zeros(b).mul(Tensor.zeros(a)).dtype(), "0-dim, both");
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, FLOAT64, FLOAT32",
    "INT32, INT64, INT32",
    "BOOL, INT32, INT32",
    "BOOL, INT64, INT64",
    "INT32, FLOAT64, FLOAT64",
    "INT64, FLOAT32, FLOAT32",
    "FLOAT64, FLOAT32, FLOAT64",
    "FLOAT32, INT64, FLOAT32",
    "INT64, BOOL, INT64"
  })
  void aZeroDimTensorRaisesTheKindOnly(DType dims, DType zeroDim, DType result) {
    assertEquals(result, Tensor.zeros(dims, 2).add(Tensor.zeros(zeroDim)).dtype());
    assertEquals(result, Tensor.zeros(zeroDim).mul(Tensor.zeros(dims, 2)).dtype());
  }

  @ParameterizedTest
  @CsvSource({
    "BOOL, INT64, FLOAT32",
    "INT32, INT32, FLOAT32",
    "INT64, INT64, FLOAT32",
    "FLOAT32, FLOAT32, FLOAT32",
    "FLOAT64, FLOAT64, FLOAT64"
  })
  void aJavaNumberRaisesTheKindToItsDefaultType(DType t, DType withLong, DType withDouble) {
    for (int[] shape : List.of(new int[] {2}, new int[0])) {
      assertEquals(withLong, Tensor.zeros(t, shape).add(1).dtype());
      assertEquals(withLong, Tensor.zeros(t, shape).mul(3L).dtype());
      assertEquals(withDouble, Tensor.zeros(t, shape).add(1.5).dtype());
      assertEquals(withDouble, Tensor.zeros(t, shape).mul(1.5).dtype());
    }
  }

  @Test
  void divisionOfIntegersIsFloat32() {
    Tensor q = Tensor.tensor(7L, -7L).div(Tensor.tensor(2L, 2L));
    assertEquals(FLOAT32, q.dtype());
    assertArrayEquals(new double[] {3.5, -3.5}, q.toDoubles());
    assertEquals(FLOAT32, Tensor.of(new int[] {1}, 1).div(2).dtype());
    assertEquals(FLOAT64, Tensor.zeros(FLOAT64, 1).div(Tensor.ones(1)).dtype());
  }

  @Test
  void functionsOfIntegersAreFloat32() {
    Tensor ints = Tensor.tensor(0L, 1L);
    for (Tensor t : List.of(ints.exp(), ints.sigmoid(), ints.tanh(), ints.sqrt(), ints.pow(0.5))) {
      assertEquals(FLOAT32, t.dtype());
    }
    for (Tensor t : List.of(ints.neg(), ints.abs(), ints.relu(), ints.sign(), ints.pow(2))) {
      assertEquals(INT64, t.dtype());
    }
  }

  @Test
  void sumsOfBoolAndIntAreInt64() {
    assertEquals(INT64, Tensor.of(new boolean[] {true, false, true}, 3).sum().dtype());
    assertEquals(2, Tensor.of(new boolean[] {true, false, true}, 3).sum().item());
    Tensor big = Tensor.of(new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE}, 2).sum();
    assertEquals(INT64, big.dtype());
    assertEquals(2L * Integer.MAX_VALUE, big.toLongs()[0]);
    assertEquals(INT64, Tensor.zeros(INT32, 2, 3).sum(1).dtype());
  }

  @Test
  void theMeanOfIntegersIsRefused() {
    refused(
        () -> Tensor.tensor(1L, 2L).mean(),
        "mean(): could not infer output dtype. Input dtype must be a floating point dtype. Got: torch.int64");
  }

  @Test
  void boolsAddAsOrMultiplyAsAndAndDoNotSubtract() {
    Tensor a = Tensor.of(new boolean[] {true, true, false, false}, 4);
    Tensor b = Tensor.of(new boolean[] {true, false, true, false}, 4);
    assertEquals(BOOL, a.add(b).dtype());
    assertArrayEquals(new long[] {1, 1, 1, 0}, a.add(b).toLongs());
    assertArrayEquals(new long[] {1, 0, 0, 0}, a.mul(b).toLongs());
    refused(
        () -> a.sub(b),
        "sub: Subtraction with a bool tensor is not supported: torch.bool and torch.bool; convert with .to(dtype), "
            + "or compare with ne");
    refused(a::neg, "neg: not supported for a bool tensor; convert with .to(dtype)");
    refused(a::relu, "relu: not supported for a bool tensor; convert with .to(dtype)");
    assertEquals(INT64, a.clamp(0, 1).dtype());
  }

  static Stream<Arguments> wholeResults() {
    long big = (1L << 53) + 1; // not a double
    Tensor x = Tensor.tensor(big, -big);
    Tensor yes = Tensor.of(new boolean[] {true, false}, 2);
    return Stream.of(
        argumentSet("x.add(1)", new long[] {big + 1, -big + 1}, x.add(1)),
        argumentSet("x.mul(3)", new long[] {3 * big, -3 * big}, x.mul(3)),
        argumentSet(
            "yes.where(x, Tensor.zeros(INT64))",
            new long[] {big, 0},
            yes.where(x, Tensor.zeros(INT64))),
        argumentSet(
            "x.gather(0, Tensor.tensor(1L))", new long[] {-big}, x.gather(0, Tensor.tensor(1L))),
        argumentSet(
            "x.scatterAdd(0, Tensor.tensor(0L), Tensor.tensor(big))",
            new long[] {2 * big, -big},
            x.scatterAdd(0, Tensor.tensor(0L), Tensor.tensor(big))),
        argumentSet("x.relu()", new long[] {big, 0}, x.relu()),
        argumentSet("x.clampMin(1)", new long[] {big, 1}, x.clampMin(1)),
        argumentSet(
            "Tensor.tensor(3L).pow(40)",
            new long[] {3486784401L * 3486784401L},
            Tensor.tensor(3L).pow(40)),
        argumentSet(
            "Tensor.tensor(big).sum(0, true)", new long[] {big}, Tensor.tensor(big).sum(0, true)),
        argumentSet("x.eq(big)", new long[] {1, 0}, x.eq(big)),
        argumentSet("x.eq(big - 1)", new long[] {0, 0}, x.eq(big - 1)),
        argumentSet("x.max().reshape(1)", new long[] {big}, x.max().reshape(1)),
        argumentSet("x.max(0, true).values()", new long[] {big}, x.max(0, true).values()),
        argumentSet("x.clone()", new long[] {big, -big}, x.clone()));
  }

  @ParameterizedTest
  @MethodSource("wholeResults")
  void int64IsExactEverywhere(long[] expected, Tensor actual) {
    assertArrayEquals(expected, actual.toLongs());
  }

  @Test
  void integersWrapAroundAsInPyTorch() {
    Tensor x = Tensor.of(new int[] {Integer.MAX_VALUE}, 1);
    assertArrayEquals(new long[] {Integer.MIN_VALUE}, x.add(1).toLongs());
  }

  @Test
  void aJavaNumberIsRoundedToTheTensorsTypeBeforeItIsCompared() {
    Tensor x = Tensor.tensor(0.1, 0.2, 0.3);
    assertArrayEquals(new long[] {1, 0, 0}, x.eq(0.1).toLongs());
    assertArrayEquals(new long[] {1, 1, 0}, x.le(0.2).toLongs());
    assertArrayEquals(new long[] {0, 1, 1}, x.ge(0.2).toLongs());
    assertArrayEquals(new long[] {0, 0, 1}, x.gt(0.2).toLongs());
    assertArrayEquals(new long[] {1, 0, 0}, x.lt(0.2).toLongs());
    assertArrayEquals(new long[] {0, 1, 1}, x.ne(0.1).toLongs());
    assertEquals(BOOL, x.eq(0).dtype());
  }

  @Test
  void castsGoEitherWay() {
    Tensor x = Tensor.tensor(-1.7, 0, 2.9);
    assertArrayEquals(new long[] {-1, 0, 2}, x.to(INT32).toLongs());
    assertArrayEquals(new long[] {1, 0, 1}, x.to(BOOL).toLongs());
    assertArrayEquals(new double[] {1, 0, 1}, x.to(BOOL).to(FLOAT64).toDoubles());
  }

  private static void refused(Executable call, String text) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
