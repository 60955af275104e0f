package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results where a case is easily missed: of ties, NaN, nothing, whole numbers, several indices. */
class EdgeCasesTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  @Test
  void ofOneOrTwoNumbers() {
    assertEquals(1, vector(-5).remainder(vector(3)).item());
    assertEquals(-2, vector(-5).fmod(vector(3)).item());
    assertEquals(NAN, vector(NAN).maximum(vector(1)).item());
    assertEquals(0, vector(0).xlogy(vector(0)).item());
    assertEquals(-INF, vector(-INF, -INF).logsumexp(0).item());
    assertEquals(NAN, vector(1).var().item());
    assertEquals(-INF, Tensor.of(at(1, 2, 2, 4), 2, 2).logdet().item());
    assertEquals(NAN, Tensor.of(at(0, 1, 1, 0), 2, 2).logdet().item());
    assertEquals(1, Tensor.zeros(DType.FLOAT64, 0, 0).det().item());
  }

  @Test
  void integersStayExact() {
    Tensor x = Tensor.tensor(Long.MAX_VALUE, -7L, 3L);
    assertArrayEquals(new long[] {Long.MAX_VALUE, -7, 3}, x.floor().toLongs());
    assertArrayEquals(new long[] {Long.MAX_VALUE % 2, 1, 1}, x.remainder(2L).toLongs());
    assertArrayEquals(new long[] {Long.MAX_VALUE, -7, 3}, x.maximum(Tensor.tensor(-9L)).toLongs());
    assertEquals(Long.MAX_VALUE, x.max().toLongs()[0]);
    assertEquals(-21, x.narrow(0, 1, 2).prod().toLongs()[0]);
    assertThrows(ArithmeticException.class, () -> x.fmod(0L));
  }

  @Test
  void wholeNumbersStayWholeAsInPyTorch() {
    Tensor x = Tensor.tensor(-3L, 0L, 9L);
    for (Tensor y : List.of(x.relu6(), x.hardtanh(), x.threshold(0, 5), x.clamp(0, 1)))
      assertEquals(DType.INT64, y.dtype());
    assertEquals(DType.FLOAT32, x.clamp(0, 0.5).dtype());
    assertEquals(4052555153018976267L, Tensor.tensor(3L).pow(Tensor.tensor(39L)).toLongs()[0]);
    assertEquals(Long.MIN_VALUE, Tensor.tensor(1L).bitwiseLeftShift(63L).toLongs()[0]);
    assertEquals(-1, Tensor.tensor(Long.MIN_VALUE).bitwiseRightShift(63L).toLongs()[0]);
  }

  @Test
  void indicesOfSeveralTensors() {
    Tensor x = Tensor.arange(24).reshape(2, 3, 4);
    Tensor i = Tensor.tensor(0L, 1L);
    Tensor k = Tensor.tensor(1L, -1L);
    assertArrayEquals(new int[] {2, 3}, x.index(i, null, k).shape());
    assertArrayEquals(new long[] {1, 5, 9, 15, 19, 23}, x.index(i, null, k).toLongs());
    assertArrayEquals(new int[] {2, 2}, x.index(null, i, k).shape());
    assertArrayEquals(new long[] {1, 7, 13, 19}, x.index(null, i, k).toLongs());
    assertArrayEquals(new long[] {22, 23}, x.index(x.gt(21)).toLongs());
    Tensor put = Tensor.zeros(3).indexPut(new Tensor[] {k}, Tensor.tensor(5.0, 6.0), false);
    assertArrayEquals(at(0, 5, 6), put.toDoubles());
    Tensor twice = Tensor.tensor(1L, 1L);
    Tensor added = Tensor.zeros(3).indexPut(new Tensor[] {twice}, Tensor.scalar(2), true);
    assertArrayEquals(at(0, 4, 0), added.toDoubles());
    assertThrows(IndexOutOfBoundsException.class, () -> x.index(Tensor.tensor(2L)));
  }

  @Test
  void ordersAndShapes() {
    Tensor x = Tensor.tensor(3, NAN, 1, 3, -0.0, 0);
    assertArrayEquals(new long[] {4, 5, 2, 0, 3, 1}, x.sort(0).indices().toLongs());
    assertArrayEquals(new long[] {1, 3, 0}, x.topk(3, 0).indices().toLongs());
    Tensor m = Tensor.arange(6).reshape(2, 3).to(DType.FLOAT64);
    assertArrayEquals(at(0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5), m.tile(2).toDoubles());
    assertArrayEquals(at(0, 1, 2, 0, 4, 5), m.triu().toDoubles());
    assertArrayEquals(at(0, 0, 0, 3, 0, 0), m.tril(-1).toDoubles());
    assertArrayEquals(at(5, 14, 14, 50), Tensor.einsum("ij,kj->ik", m, m).toDoubles());
    assertArrayEquals(at(5, 14, 14, 50), m.tensordot(m, new int[] {1}, new int[] {1}).toDoubles());
    assertArrayEquals(at(55), m.tensordot(m, new int[] {0, 1}, new int[] {0, 1}).toDoubles());
    assertArrayEquals(
        at(2, 1, 0, 1, 2, 1), m.narrow(0, 0, 1).pad(new int[] {2, 1}, "reflect").toDoubles());
    assertThrows(IllegalArgumentException.class, () -> Tensor.cat(List.of(m, m.t()), 0));
  }

  @Test
  void chainsOfMatricesAreMultipliedInTheCheapestOrder() {
    MakeTensor make = new MakeTensor(3);
    Tensor a = make.any(7, 2);
    Tensor b = make.any(2, 9);
    Tensor c = make.any(9, 1);
    Tensor d = make.any(1, 5);
    double[] expected = a.mm(b).mm(c).mm(d).toDoubles();
    assertArrayEquals(expected, a.chainMatmul(b, c, d).toDoubles(), 1e-12);
    assertArrayEquals(a.toDoubles(), a.chainMatmul().toDoubles());
  }

  @Test
  void aViewByStridesStaysInItsMemory() {
    int[] two = {2, 2};
    int[] ones = {1, 1};
    Tensor part = vector(1, 2, 3, 4).narrow(0, 2, 2);
    assertArrayEquals(at(1, 2, 2, 3), part.asStrided(two, ones, 0).toDoubles());
    assertThrows(IndexOutOfBoundsException.class, () -> part.asStrided(two, two));
  }

  @Test
  void segmentsAreFoldedEachForItself() {
    Tensor x = vector(1, 3, 3, -1);
    Tensor segment = Tensor.tensor(0L, 2L, 2L, 0L);
    assertArrayEquals(at(0, 0, 6), x.segmentSum(segment, 3).toDoubles());
    assertArrayEquals(at(0, 0, 3), x.segmentMean(segment, 3).toDoubles());
    assertArrayEquals(at(1, 0, 3), x.segmentMax(segment, 3).toDoubles());
    double e = 1 / (1 + Math.exp(-2));
    assertArrayEquals(at(e, 0.5, 0.5, 1 - e), x.segmentSoftmax(segment, 3).toDoubles(), 1e-15);
  }

  @Test
  void orderAmongEqualElementsAndNan() {
    Tensor many = new MakeTensor(7).below(50, 10_000);
    long[] order = many.argsort(0, true).toLongs();
    for (int i = 1; i < order.length; i++) {
      long before = many.storage().longs()[(int) order[i - 1]];
      long here = many.storage().longs()[(int) order[i]];
      assertTrue(before > here || before == here && order[i - 1] < order[i]);
    }
    Tensor u = Tensor.tensor(3, 1, 3, NAN, NAN);
    assertArrayEquals(at(1, 3, NAN, NAN), u.unique().values().toDoubles());
    assertEquals(0, Tensor.zeros(0).unique().values().numel());
    assertEquals(NAN, Tensor.zeros(0).median().item());
  }

  @Test
  void whatHasTheCoefficientZeroIsNotRead() {
    Tensor nan = Tensor.of(at(NAN, INF, NAN, 1), 2, 2);
    Tensor two = Tensor.of(at(2, 2, 2, 2), 2, 2);
    Tensor line = vector(1, 2);
    Tensor batch = nan.unsqueeze(0);
    assertArrayEquals(at(8, 8, 8, 8), nan.addmm(two, two, 0, 1).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.addmm(nan, nan, 1, 0).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.addbmm(batch, batch, 1, 0).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.baddbmm(batch, batch, 1, 0).toDoubles());
    assertArrayEquals(at(1, 2), line.addmv(nan, line, 1, 0).toDoubles());
    assertArrayEquals(at(1, 2, 2, 4), nan.addr(line, line, 0, 1).toDoubles());
  }

  @Test
  void whatIsBeyondFloat32IsAnInfiniteExponentAndNoEps() {
    Tensor single = Tensor.of(new float[] {1, 2, 0.5f}, 3);
    assertArrayEquals(at(1, INF, 0), single.pow(1e39).toDoubles());
    for (Tensor x : List.of(single, single.to(DType.FLOAT64))) {
      assertEquals(2, x.norm(1e39).item());
      assertEquals(0.5, x.norm(-1e300, 0).item());
      assertArrayEquals(x.sub(0.3).logit().toDoubles(), x.sub(0.3).logit(NAN).toDoubles());
      assertEquals(NAN, x.cosineSimilarity(x, 0, NAN).item());
    }
    assertThrows(IllegalArgumentException.class, () -> single.logit(1e39));
    assertThrows(IllegalArgumentException.class, () -> single.cosineSimilarity(single, 0, 1e39));
  }

  /* sin(πx) of a whole float32 x is that of π's rounded multiple. */
  @Test
  void besideAZeroSincHasTheSignOfItsType() {
    assertArrayEquals(at(-1, -1), Tensor.of(new float[] {1, 5}, 2).sinc().sign().toDoubles());
    assertEquals(1, vector(1).sinc().sign().item());
  }

  @Test
  void ofNothingThereIsNothingToRefuse() {
    Tensor nothing = vector();
    assertArrayEquals(new int[] {0}, nothing.tril().shape());
    assertArrayEquals(new int[] {0}, nothing.cummax(3).values().shape());
    assertEquals(5, Tensor.of(at(5)).reshape().cummin(2).values().item());
    for (double p : at(-INF, -1, -0.5, 0, 2, INF, NAN)) {
      assertEquals(0, nothing.norm(p).item());
      assertArrayEquals(at(0, 0), Tensor.zeros(2, 0).norm(p, 1).toDoubles());
    }
    Tensor index = Tensor.tensor(1L, 4L);
    Tensor slices = Tensor.zeros(0, 2);
    assertThrows(
        IndexOutOfBoundsException.class, () -> Tensor.zeros(0, 3).indexAdd(1, index, slices));
    assertArrayEquals(new int[] {1}, vector(5).reshape().aminmax(-1, true).max().shape());
    assertEquals(1, Tensor.tensor(true).reshape().kthvalue(1, 0, false).values().itemLong());
  }

  @Test
  void aNumberThatIsShownSeveralTimesIsFilledWhereAnyOfItsPlacesIsMasked() {
    Tensor shown = vector(1, 2).expand(3, 2);
    Tensor mask = Tensor.of(new boolean[] {false, true, false, false, false, false}, 3, 2);
    assertArrayEquals(at(1, 9, 1, 9, 1, 9), shown.maskedFill_(mask, 9).toDoubles());
    Tensor row = Tensor.of(new boolean[] {true, false}, 2);
    assertArrayEquals(at(8, 9, 8, 9, 8, 9), shown.maskedFill_(row, 8).toDoubles());
  }

  @Test
  void wholeNumbersWithoutANanAreNotWritten() {
    Tensor shown = Tensor.tensor(3L).expand(2);
    assertArrayEquals(new long[] {3, 3}, shown.nanToNum_().toLongs());
    assertThrows(IllegalArgumentException.class, () -> vector(3).expand(2).nanToNum_());
  }

  private static Tensor vector(double... values) {
    return Tensor.of(values, values.length);
  }

  private static double[] at(double... values) {
    return values;
  }
}
