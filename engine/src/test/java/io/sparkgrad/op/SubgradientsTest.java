package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.op.kernel.Special;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Derivatives where a function is not smooth, as PyTorch has them; the samples keep away from
 * there.
 */
class SubgradientsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  private static Tensor leaf(double... values) {
    return Tensor.of(values, values.length).requiresGrad_();
  }

  private static void slope(UnaryOperator<Tensor> f, double[] at, double... expected) {
    Tensor x = leaf(at);
    double[] g = Autograd.grad(List.of(f.apply(x).sum()), List.of(x)).get(0).toDoubles();
    assertArrayEquals(expected, g, 1e-8);
  }

  private static double[] at(double... values) {
    return values;
  }

  private static void slopes(
      Function<List<Tensor>, Tensor> f, double a, double b, double da, double db) {
    List<Tensor> x = List.of(leaf(a), leaf(b));
    List<Tensor> g = Autograd.grad(List.of(f.apply(x).sum()), x);
    assertArrayEquals(at(da, db), at(g.get(0).item(), g.get(1).item()), 1e-12);
  }

  @Test
  void theSubgradientsOfPyTorch() {
    slope(Tensor::sinc, at(0), 0);
    slope(Tensor::acos, at(1), -INF);
    slope(Tensor::reciprocal, at(0), -INF);
    slope(Tensor::frac, at(0, 1.5), 1, 1);
    slope(Tensor::floor, at(1, 1.5), 0, 0);
    slope(Tensor::relu6, at(-1, 0, 3, 6, 7), 0, 0, 1, 0, 0);
    slope(Tensor::hardtanh, at(-1, 0, 1), 0, 1, 0);
    slope(Tensor::hardswish, at(-4, -3, 3, 4), 0, -0.5, 1.5, 1);
    slope(Tensor::hardsigmoid, at(-3, 0, 3), 0, 1 / 6.0, 0);
    slope(Tensor::leakyRelu, at(-1, 0, 1), 0.01, 0.01, 1);
    slope(Tensor::selu, at(0), 1.7580993408473766);
    slope(Tensor::elu, at(0, 1000), 1, 1);
    slope(Tensor::gelu, at(-1), -0.08331547);
    slope(x -> x.gelu("tanh"), at(-1), -0.08296408);
    slope(x -> x.hardshrink(0.5), at(-0.5, 0.5, 0.6), 0, 0, 1);
    slope(x -> x.softshrink(0.5), at(-0.5, 0.5, 0.6), 0, 0, 1);
    slope(x -> x.softplus(1, 20), at(0, 21), 0.5, 1);
    slope(x -> x.logit(0.2), at(0.1, 0.5, 0.9), 0, 4, 0);
    slope(Tensor::nanToNum, at(NAN, INF, -INF, 2), 0, 0, 0, 1);
    slope(Tensor::logsigmoid, at(-1000, 1000), 1, 0);
    slope(x -> x.threshold(0.5, 9), at(0.5, 0.6), 0, 1);
    slope(x -> x.div(leaf(2, 2), "floor"), at(3, 4), 0, 0);
    slope(Tensor::erfinv, at(-1, 0, 1), INF, Math.sqrt(Math.PI) / 2, INF);
    slope(Tensor::digamma, at(-1), INF);
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
  void theSubgradientsOfTwoOperands() {
    slopes(x -> x.get(0).maximum(x.get(1)), 2, 2, 0.5, 0.5);
    slopes(x -> x.get(0).minimum(x.get(1)), 2, 2, 0.5, 0.5);
    slopes(x -> x.get(0).fmax(x.get(1)), 2, 2, 1, 0);
    slopes(x -> x.get(0).fmin(x.get(1)), 2, NAN, 1, 0);
    slopes(x -> x.get(0).fmax(x.get(1)), NAN, 2, 0, 1);
    slopes(x -> x.get(0).clampMin(x.get(1)), 2, 2, 1, 0);
    slopes(x -> x.get(0).clampMax(x.get(1)), 2, 2, 1, 0);
    slopes(x -> x.get(0).clampMax(x.get(1)), 2, NAN, 0, 0);
    slopes(x -> x.get(0).clamp(x.get(1), leaf(3)), 2, 2, 1, 0);
    slopes(x -> x.get(0).clamp(x.get(1), leaf(3)), 2, 4, 0, 0);
    slopes(x -> x.get(0).hypot(x.get(1)), 0, 0, NAN, NAN);
    slopes(x -> x.get(0).atan2(x.get(1)), 0, 0, NAN, NAN);
    slopes(x -> x.get(0).xlogy(x.get(1)), 0, 0, 0, NAN);
    slopes(x -> x.get(0).copysign(x.get(1)), 0, -1, 0, 0);
    slopes(x -> x.get(0).remainder(x.get(1)), -5, 3, 1, 2);
    slopes(x -> x.get(0).fmod(x.get(1)), -5, 3, 1, 1);
    assertEquals(1, leaf(-5).remainder(leaf(3)).item());
    assertEquals(-2, leaf(-5).fmod(leaf(3)).item());
    assertEquals(NAN, leaf(NAN).maximum(leaf(1)).item());
    assertEquals(0, leaf(0).xlogy(leaf(0)).item());
  }

  @Test
  void inPlaceFormsKeepTheDerivative() {
    slope(x -> x.clone().elu_(), at(-1, 2), Math.exp(-1), 1);
    slope(x -> x.clone().leakyRelu_(0.2), at(-1, 2), 0.2, 1);
    slope(x -> x.clone().hardtanh_(), at(-1, 0.5), 0, 1);
    slope(x -> x.clone().sin_(), at(1), Math.cos(1));
    slope(x -> x.clone().maskedFill_(x.gt(0), -3), at(-1, 2), 1, 0);
  }

  @Test
  void reductionsAtZerosAndTies() {
    slope(Tensor::prod, at(2, 0, 3), 0, 6, 0);
    slope(Tensor::prod, at(2, 0, 0), 0, 0, 0);
    slope(x -> x.cumprod(0), at(2, 0, 3), 1, 8, 0);
    slope(Tensor::std, at(2, 2, 2), 0, 0, 0);
    slope(Tensor::norm, at(0, 0), 0, 0);
    slope(x -> x.norm(1.5), at(0, 4), 0, 1);
    slope(x -> x.norm(INF), at(-3, 3, 1), -0.5, 0.5, 0);
    slope(x -> x.logsumexp(0), at(-INF, -INF), 0, 0);
    slope(Tensor::max, at(1, 3, 3), 0, 0.5, 0.5);
    slope(Tensor::min, at(1, NAN, 3), 0, 1, 0);
    slope(Tensor::nansum, at(1, NAN, 3), 1, 0, 1);
    assertEquals(-INF, leaf(-INF, -INF).logsumexp(0).item());
    assertEquals(NAN, leaf(1).var().item());
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
  void theInverseOfErfIsExactNearOneToo() {
    for (double x : at(1e-300, 0.3, 0.5, 0.9, 0.999999, 1 - 0x1p-53))
      assertEquals(x, Special.erf(Special.erfinv(x)), 2 * Math.ulp(x));
    double edge = Special.erfinv(1 - 0x1p-53);
    assertEquals(0x1p-53, Special.erfc(edge), 1e-13 * 0x1p-53);
    assertEquals(INF, Special.erfinv(1));
    assertEquals(NAN, Special.erfinv(1.5));
  }

  @Test
  void errorFunctionsAreExact() {
    double[] x = {0, 1e-10, 0.3, 0.84375, 1, 1.25, 2, 2.857142857142857, 3, 5.5};
    double[] erf = {
      0.0,
      1.1283791670955126e-10,
      0.3286267594591274,
      0.7672256612323416,
      0.8427007929497149,
      0.9229001282564582,
      0.9953222650189527,
      0.9999466876886117,
      0.9999779095030014,
      0.9999999999999927
    };
    double[] erfc = {
      1.0,
      0.999999999887162,
      0.6713732405408726,
      0.23277433876765835,
      0.15729920705028513,
      0.07709987174354177,
      0.004677734981047265,
      5.331231138832279e-05,
      2.2090496998585438e-05,
      7.357847917974398e-15
    };
    for (int i = 0; i < x.length; i++) {
      assertEquals(erf[i], Special.erf(x[i]), 4 * Math.ulp(erf[i]));
      assertEquals(-erf[i], Special.erf(-x[i]), 4 * Math.ulp(erf[i]));
      assertEquals(erfc[i], Special.erfc(x[i]), 4 * Math.ulp(erfc[i]));
    }
    assertEquals(0, Special.erfc(INF));
    assertEquals(-1, Special.erf(-INF));
    assertEquals(NAN, Special.erf(NAN));
    assertEquals(NAN, Special.erfc(NAN));
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
  void viewsThatShowANumberTwice() {
    int[] two = {2, 2};
    int[] ones = {1, 1};
    slope(x -> x.asStrided(two, ones), at(1, 2, 3), 1, 2, 1);
    slope(x -> x.expand(2, 3).asStrided(two, ones), at(1, 2, 3), 1, 2, 1);
    slope(x -> x.unfold(0, 2, 1), at(1, 2, 3), 1, 2, 1);
    Tensor part = leaf(1, 2, 3, 4).narrow(0, 2, 2);
    assertArrayEquals(at(1, 2, 2, 3), part.asStrided(two, ones, 0).toDoubles());
    assertThrows(IndexOutOfBoundsException.class, () -> part.asStrided(two, two));
  }

  @Test
  void segmentsAreFoldedEachForItself() {
    Tensor x = leaf(1, 3, 3, -1);
    Tensor segment = Tensor.tensor(0L, 2L, 2L, 0L);
    assertArrayEquals(at(0, 0, 6), x.segmentSum(segment, 3).toDoubles());
    assertArrayEquals(at(0, 0, 3), x.segmentMean(segment, 3).toDoubles());
    assertArrayEquals(at(1, 0, 3), x.segmentMax(segment, 3).toDoubles());
    double e = 1 / (1 + Math.exp(-2));
    assertArrayEquals(at(e, 0.5, 0.5, 1 - e), x.segmentSoftmax(segment, 3).toDoubles(), 1e-15);
    slope(t -> t.segmentMax(segment, 3), at(1, 3, 3, -1), 1, 0.5, 0.5, 0);
    slope(t -> t.segmentSoftmax(segment, 3).pow(2), at(5, 3, 3, 5), 0, 0, 0, 0);
  }

  @Test
  void wrongIndicesAreNamed() {
    Tensor x = Tensor.zeros(3, 4);
    Tensor two = Tensor.tensor(0L, 1L);
    Tensor far = Tensor.tensor(0L, 7L);
    fails("Number of indices (2) should be equal", () -> x.indexAdd(0, two, Tensor.ones(3, 4)));
    fails("same slice shapes", () -> x.indexCopy(0, two, Tensor.ones(2, 3)));
    fails("index 7 is out of bounds for dimension 0", () -> x.indexFill(0, far, 1));
    fails("0-dimensional value tensor", () -> x.indexFill(0, two, Tensor.ones(2)));
    fails(
        "either sum, prod, mean, amax or amin",
        () -> x.scatterReduce(0, two.unsqueeze(0), Tensor.ones(1, 2), "max"));
    fails("source < number of ones", () -> x.maskedScatter(x.eq(0), Tensor.ones(2)));
    fails("tried to access index 12", () -> x.take(Tensor.tensor(12L)));
    fails("same number of elements", () -> x.put(two, Tensor.ones(3), false));
    fails("Long but got", () -> x.takeAlongDim(Tensor.ones(1, 2), 1));
    fails("same size as input", () -> x.repeatInterleave(two, 0));
    fails("can not be negative", () -> x.repeatInterleave(Tensor.tensor(1L, 2L, -1L), 0));
    fails("rotation dims to be different", () -> x.rot90(1, 0, -2));
    fails("matrix or a vector", () -> Tensor.zeros(1, 1, 1).diag());
    fails("sum exactly to 3", () -> x.split(new int[] {1, 1}, 0));
    fails("larger than 0", () -> x.tensorSplit(0, 0));
    fails("start_dim cannot come after end_dim", () -> x.flatten(1, 0));
    fails("don't multiply up to the size of dim 1 (4)", () -> x.unflatten(1, 3, 2));
    fails("cannot be identical", () -> x.diagEmbed(0, 1, 1));
    fails("less than the corresponding input", () -> x.pad(new int[] {4, 0}, "reflect"));
    fails("doesn't take in value argument", () -> x.pad(new int[] {1, 0}, "reflect", 2));
    fails("wrapping around", () -> x.unsqueeze(0).pad(new int[] {5, 0}, "circular"));
    fails("divisible by 2", () -> x.pad(new int[] {1}, "constant"));
  }

  @Test
  void orderAmongEqualElementsAndNan() {
    slope(Tensor::median, at(1, 2, 2, 3), 0, 0.5, 0.5, 0);
    slope(Tensor::median, at(1, NAN, 2, NAN), 0, 0.5, 0, 0.5);
    slope(Tensor::nanmedian, at(1, NAN, 2, 1), 0.5, 0, 0, 0.5);
    slope(x -> x.median(0, false).values(), at(2, 2, 3), 0, 1, 0);
    slope(x -> x.mode(0, false).values(), at(3, 2, 2, 3), 0, 0, 1, 0);
    slope(x -> x.cummax(0).values(), at(1, 1, 0, NAN, 5), 1, 2, 0, 2, 0);
    slope(x -> x.logcumsumexp(0), at(-INF, -INF, 0), 0, 0, 1);
    slope(x -> x.view(2, 1).cdist(x.detach().view(2, 1), 2), at(0, 0), 0, 0);
    slope(x -> x.pairwiseDistance(x.detach()), at(3, 4), Math.sqrt(0.5), Math.sqrt(0.5));
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
    Tensor line = leaf(1, 2).detach();
    Tensor batch = nan.unsqueeze(0);
    assertArrayEquals(at(8, 8, 8, 8), nan.addmm(two, two, 0, 1).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.addmm(nan, nan, 1, 0).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.addbmm(batch, batch, 1, 0).toDoubles());
    assertArrayEquals(at(2, 2, 2, 2), two.baddbmm(batch, batch, 1, 0).toDoubles());
    assertArrayEquals(at(1, 2), line.addmv(nan, line, 1, 0).toDoubles());
    assertArrayEquals(at(1, 2, 2, 4), nan.addr(line, line, 0, 1).toDoubles());
    slope(x -> x.addmm(two, two, 0, 1), at(NAN, 1), 0, 0);
  }

  @Test
  void aReceiverExpandsToTheProduct() {
    Tensor one = Tensor.ones(1, 1);
    fails(
        "does not expand to the product's shape [1, 1]",
        () -> Tensor.ones(3, 1, 1).addmm(one, one));
    fails("does not expand", () -> Tensor.ones(2, 1).addmm(one, one));
    fails("does not expand", () -> Tensor.ones(1, 1).addmv(one, Tensor.ones(1), 1, 1));
    fails("does not expand", () -> Tensor.ones(1, 1, 1).addr(Tensor.ones(1), Tensor.ones(1), 1, 1));
    fails("of one dtype", () -> one.to(DType.FLOAT64).addmm(one, one));
  }

  @Test
  void matricesWithoutAnInverse() {
    Tensor a = Tensor.of(at(1, 2, 2, 4), 2, 2).requiresGrad_();
    assertArrayEquals(
        at(4, -2, -2, 1), Autograd.grad(List.of(a.det()), List.of(a)).get(0).toDoubles());
    io.sparkgrad.autograd.GradCheck.gradcheck(x -> List.of(x.get(0).det()), a);
    io.sparkgrad.autograd.GradCheck.gradgradcheck(x -> List.of(x.get(0).det()), a);
    Tensor none = Tensor.zeros(DType.FLOAT64, 3, 3).requiresGrad_();
    assertArrayEquals(
        new double[9], Autograd.grad(List.of(none.det()), List.of(none)).get(0).toDoubles(), 0.0);
    assertEquals(-INF, a.logdet().item());
    assertEquals(NAN, Tensor.of(at(0, 1, 1, 0), 2, 2).logdet().item());
    assertEquals(1, Tensor.zeros(DType.FLOAT64, 0, 0).det().item());
    fails("The diagonal element 2 is zero", a::inverse);
    fails("(batch element [1])", () -> Tensor.stack(List.of(a.exp(), a), 0).inverse());
    fails(
        "batches of square matrices, but they are 2 by 3", () -> Tensor.zeros(2, 3).matrixPower(2));
    fails("expected a matrix, but got tensor with dim 1", () -> Tensor.zeros(3).trace());
    fails("the last dimension must match", () -> Tensor.zeros(2, 3).inner(Tensor.zeros(2)));
    fails("expected matrices", () -> a.chainMatmul(Tensor.zeros(2)));
    fails("invalid character '.'", () -> Tensor.einsum("i.j", a));
    fails("does not fit shape", () -> Tensor.einsum("...ijk->i", a));
    fails("appears more than once", () -> Tensor.einsum("ij->ii", a));
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
  void wrongOrdersAreNamed() {
    Tensor x = Tensor.zeros(3, 4);
    fails("selected index k out of range", () -> x.topk(5, 1));
    fails("selected number k out of range for dimension 1", () -> x.kthvalue(0, 1, false));
    fails("non-zero size", () -> Tensor.zeros(0).median(0, false));
    fails("1-d non-negative integral", () -> Tensor.tensor(-1L).bincount(0));
    fails("same length as input", () -> Tensor.tensor(1L).bincount(Tensor.ones(2), 0));
    fails("bins must be > 0", () -> x.histc(0, 0, 1));
    fails("max must be larger than min", () -> x.histc(2, 1, 0));
    fails("is not finite", () -> Tensor.tensor(NAN, 1).histc(2, 0, 0));
    fails("boundaries tensor should be 1 dimension", () -> x.searchsorted(x.t(), false));
    fails("boundaries tensor must be 1 dimension", () -> x.bucketize(x, false));
    fails("at least 2D", () -> x.select(0, 0).cdist(x, 2));
    fails("same number of columns", () -> x.cdist(x.t(), 2));
    fails("non-negative p", () -> x.cdist(x, -1));
    fails("non-positive norm", () -> x.renorm(0, 0, 1));
    fails("maxnorm to be >= 0", () -> x.renorm(2, 0, -1));
  }

  private static void fails(String text, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(RuntimeException.class, call).getMessage();
    assertTrue(message.contains(text), message);
  }
}
