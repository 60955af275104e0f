package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Sums in another type, answers of a Java boolean, products of integers; numbers by PyTorch 1.13.
 */
class LookedForMethodsTest {
  private static final Tensor X = Tensor.tensor(1.5, 2.5, 300);

  @Test
  void theElementsAreConvertedFirstAndTheResultIsOfTheType() {
    assertEquals("tensor(303)", X.sum(DType.INT64).toString());
    assertEquals(DType.INT32, X.sum(DType.INT32).dtype());
    assertEquals("tensor(True)", X.sum(DType.BOOL).toString());
    assertEquals(600, X.prod(DType.INT64).item());
    assertArrayEquals(new long[] {1, 3, 303}, X.cumsum(0, DType.INT64).toLongs());
    assertArrayEquals(new long[] {1, 2, 600}, X.cumprod(0, DType.INT64).toLongs());
    assertEquals(DType.FLOAT64, X.mean(new int[] {0}, false, DType.FLOAT64).dtype());
    assertEquals(152, Tensor.tensor(4L, 300L).mean(DType.FLOAT32).item());
  }

  @Test
  void theGradientIsOfTheTensorsType() {
    Tensor x = X.clone().requiresGrad_();
    Tensor y = x.sum(DType.FLOAT64);
    assertEquals("SumBackward0", y.gradFn().name());
    y.backward();
    assertEquals(DType.FLOAT32, x.grad().dtype());
    assertArrayEquals(new float[] {1, 1, 1}, x.grad().toFloats());
  }

  @Test
  void equalComparesShapesAndNumbersAndAllcloseIsLenient() {
    Tensor near = X.add(1e-7);
    assertTrue(X.equal(X.clone()));
    assertFalse(X.equal(X.unsqueeze(0)));
    assertFalse(X.equal(near.mul(1.1)));
    assertTrue(X.allclose(near));
    assertFalse(X.allclose(X.add(1)));
    Tensor nan = Tensor.tensor(Double.NaN, 1);
    assertFalse(nan.allclose(nan));
    assertTrue(nan.allclose(nan, 0, 0, true));
    Tensor small = Tensor.tensor(1L, -128L).to(DType.INT8);
    assertArrayEquals(
        new double[] {1, 0},
        small.isclose(Tensor.tensor(9L, 127L).to(DType.INT8), 1, 0).toDoubles());
    assertTrue(
        Tensor.tensor(1L).to(DType.UINT8).allclose(Tensor.tensor(9L).to(DType.UINT8), 1, 0, false));
  }

  @Test
  void meansOfWholeNumbersAreExactBeyondDoubles() {
    Tensor sum = Tensor.tensor(1L, 1L, 0L);
    Tensor src = Tensor.tensor(1L, -(1L << 53) - 1, 9L);
    Tensor mean = sum.scatterReduce(0, Tensor.tensor(1L, 1L, 1L), src, "mean");
    assertArrayEquals(new long[] {1, (10 - (1L << 53)) / 4 - 1, 0}, mean.toLongs());
  }

  @Test
  void aNumberIsTheOneSliceOfAVector() {
    Tensor x = Tensor.tensor(1., 2, 3);
    Tensor at = Tensor.tensor(1L);
    Tensor two = Tensor.full(2.0, x.dtype());
    assertArrayEquals(new double[] {1, 4, 3}, x.indexAdd(0, at, two).toDoubles());
    assertArrayEquals(new double[] {1, 4, 3}, x.clone().indexAdd_(0, at, two).toDoubles());
    Tensor nine = Tensor.full(9.0, x.dtype());
    assertArrayEquals(new double[] {1, 9, 3}, x.indexCopy(0, at, nine).toDoubles());
    assertArrayEquals(new double[] {1, 9, 3}, x.clone().indexCopy_(0, at, nine).toDoubles());
  }

  @Test
  void anActivationInPlaceIsDifferentiatedByWhatWasThereBefore() {
    Tensor x = Tensor.tensor(1., -3).requiresGrad_();
    Tensor y = x.mul(1);
    y.softsign_();
    y.sum().backward();
    assertArrayEquals(new double[] {0.25, 0.0625}, x.grad().toDoubles(), 1e-7);
  }

  @Test
  void integersMultiplyExactlyAndRoundPastTheirEnds() {
    long big = (1L << 53) + 1;
    Tensor a = Tensor.of(new long[] {big, 1, 0, 1}, 2, 2);
    Tensor b = Tensor.of(new long[] {1, 1, 0, 1}, 2, 2);
    assertArrayEquals(new long[] {big, big + 1, 0, 1}, a.mm(b).toLongs());
    Tensor max = Tensor.tensor(Long.MAX_VALUE, 1L);
    assertEquals(Long.MAX_VALUE * 2 + 1, max.dot(Tensor.tensor(2L, 1L)).itemLong());
    Tensor ints = Tensor.of(new int[] {Integer.MAX_VALUE, 1}, 2);
    assertEquals(-1, ints.dot(Tensor.of(new int[] {2, 1}, 2)).itemLong());
    assertArrayEquals(
        new long[] {4, 2}, Tensor.einsum("ij,j->i", b, Tensor.tensor(2L, 2L)).toLongs());
  }
}
