package io.sparkgrad;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.random.Generator;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors that are made of nothing; the numbers are those of PyTorch 1.13. */
class CreationTest {
  private static void assertNumbers(Tensor t, double... expected) {
    assertArrayEquals(expected, t.toDoubles(), 1e-4);
  }

  private static void assertError(String text, Executable call) {
    Throwable e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  private static void seed() {
    Generator.current().manualSeed(0);
  }

  @Test
  void sequencesEndBeforeTheirEndOrAtIt() {
    assertArrayEquals(new long[] {1, 4, 7}, Tensor.arange(1, 10, 3).toLongs());
    assertArrayEquals(new long[] {5, 3, 1}, Tensor.arange(5, 0, -2).toLongs());
    assertNumbers(Tensor.arange(0, 1, 0.3), 0, 0.3, 0.6, 0.9);
    assertNumbers(Tensor.linspace(0, 1, 5), 0, 0.25, 0.5, 0.75, 1);
    assertNumbers(Tensor.linspace(3, 10, 1), 3);
    assertEquals(0, Tensor.linspace(0, 1, 0).numel());
    assertNumbers(Tensor.logspace(-1, 1, 4, 2), 0.5, 0.7937, 1.2599, 2);
    assertEquals(DType.FLOAT32, Tensor.logspace(0, 1, 2, 10).dtype());
  }

  @Test
  void matricesAndIndices() {
    assertNumbers(Tensor.eye(2, 3), 1, 0, 0, 0, 1, 0);
    assertNumbers(Tensor.trilIndices(2, 3, 0), 0, 1, 1, 0, 0, 1);
    assertNumbers(Tensor.triuIndices(2, 3, 1), 0, 0, 1, 1, 2, 2);
    List<Tensor> ij = Tensor.meshgrid("ij", Tensor.arange(2), Tensor.arange(3));
    assertNumbers(ij.get(0), 0, 0, 0, 1, 1, 1);
    List<Tensor> xy = Tensor.meshgrid("xy", Tensor.arange(2), Tensor.arange(3));
    assertNumbers(xy.get(0), 0, 1, 0, 1, 0, 1);
    assertNumbers(Tensor.oneHot(Tensor.tensor(0L, 2L)), 1, 0, 0, 0, 0, 1);
    assertArrayEquals(new int[] {2, 4}, Tensor.oneHot(Tensor.tensor(0L, 2L), 4).shape());
  }

  /* PyTorch 1.13: for integers start, end and step are cut, and must be numbers of the type. */
  @Test
  void sequencesOfIntegers() {
    assertNumbers(Tensor.arange(0.5, 7.9, 1.9, DType.INT64), 0, 1, 2, 3, 4, 5, 6);
    assertNumbers(Tensor.arange(0.5, 7.9, 1.9, DType.INT32), 0, 1, 2, 3);
    assertEquals(0, Tensor.arange(0.9, 0.1, 1, DType.INT32).numel());
    assertNumbers(Tensor.arange(0, 300, 100, DType.UINT8), 0, 100, 200);
    assertNumbers(Tensor.arange(-3, 300, 100, DType.INT8), -3, 97, -59, 41);
    assertNumbers(Tensor.linspace(-7.5, 3.3, 6, DType.INT64), -7, -5, -3, -1, 1, 3);
    assertNumbers(Tensor.logspace(-1.5, 2.9, 4, 10, DType.INT64), 0, 1, 10, 100);
    assertNumbers(Tensor.logspace(0, 3, 4, 2.7, DType.INT32), 1, 2, 7, 19);
    assertNumbers(Tensor.linspace(0, Double.NaN, 1, DType.INT64), 0);
    assertEquals(0, Tensor.linspace(Double.NaN, 1, 0, DType.INT64).numel());
    assertNumbers(Tensor.linspace(0, 1, 1, DType.BOOL), 0);
  }

  /* The middle of an odd line is reached from its end. */
  @Test
  void aLineToInfinityHasNoNumbers() {
    double nan = Double.NaN;
    assertNumbers(Tensor.linspace(0, Double.POSITIVE_INFINITY, 3), nan, nan, nan);
  }

  /* They go with every shape, and so with every dimension: PyTorch asks for none. */
  @Test
  void emptyVectorsAloneAreJoinedAlongAnyDimension() {
    Tensor none = Tensor.zeros(0).requiresGrad_();
    for (int dim : new int[] {-3, 0, 1, 5}) {
      Tensor joined = Tensor.cat(List.of(none, Tensor.zeros(DType.FLOAT64, 0)), dim);
      assertArrayEquals(new int[] {0}, joined.shape());
      assertEquals(DType.FLOAT64, joined.dtype());
      joined.sum().backward();
      assertArrayEquals(new int[] {0}, none.grad().shape());
    }
  }

  @Test
  void likeAnotherMeansItsShapeAndType() {
    Tensor like = Tensor.ones(2, 3).to(DType.FLOAT64);
    for (Tensor t :
        List.of(
            Tensor.zerosLike(like),
            Tensor.onesLike(like),
            Tensor.fullLike(like, 2),
            Tensor.emptyLike(like),
            Tensor.randLike(like),
            Tensor.randnLike(like),
            like.newOnes(2, 3),
            like.newFull(7, 2, 3))) {
      assertEquals(DType.FLOAT64, t.dtype());
      assertArrayEquals(like.shape(), t.shape());
    }
    assertNumbers(Tensor.fullLike(Tensor.arange(2), 2.7), 2, 2);
  }

  @Test
  void randomNumbersAreThoseOfPyTorch() {
    seed();
    assertArrayEquals(new long[] {4, 0, 7, 3, 2, 5, 1, 6}, Tensor.randperm(8).toLongs());
    seed();
    assertNumbers(Tensor.normal(2, 3, 4), 6.6230, 1.1197, -4.5364, 3.7053);
    seed();
    Tensor each = Tensor.tensor(1.0, 2.0, 3.0);
    assertNumbers(Tensor.normal(each, each), 2.5410, 1.4131, -3.5364);
    seed();
    assertNumbers(Tensor.zeros(3).uniform_(-1, 2), 0.4888, 1.3047, -0.7346);
    seed();
    assertNumbers(Tensor.zeros(3).normal_(1, 2), 4.0820, 0.4131, -3.3576);
    seed();
    assertNumbers(Tensor.arange(5).bernoulli_(0.5), 0, 0, 1, 0, 0);
    seed();
    assertNumbers(Tensor.arange(3).random_(0, 10), 4, 9, 3);
    seed();
    Tensor p = Tensor.tensor(0.1, 0.5, 0.9, 0.5);
    assertNumbers(Tensor.bernoulli(p), 0, 0, 1, 1);
  }

  @Test
  void indicesAreDrawnAsPyTorchDoes() {
    Tensor w = Tensor.tensor(0.1, 0.2, 0.3, 0.4);
    seed();
    assertArrayEquals(new long[] {2, 1}, Tensor.multinomial(w, 2, false).toLongs());
    seed();
    assertArrayEquals(
        new long[] {2, 1, 3}, Tensor.multinomial(w.to(DType.FLOAT64), 3, false).toLongs());
    seed();
    assertArrayEquals(new long[] {3, 3, 2, 3, 3, 3}, Tensor.multinomial(w, 6, true).toLongs());
    seed();
    Tensor rows = Tensor.tensor(new double[][] {{0.1, 0.2, 0.7}, {3, 2, 1}});
    assertArrayEquals(new long[] {2, 1, 1, 0}, Tensor.multinomial(rows, 2, false).toLongs());
  }

  @Test
  void randomFillsAreInPlaceOperations() {
    Tensor leaf = Tensor.ones(2).requiresGrad_();
    assertThrows(AutogradException.class, leaf::uniform_);
    Tensor y = leaf.mul(2);
    y.normal_();
    assertNumbers(Autograd.grad(List.of(y.sum()), List.of(leaf)).get(0), 0, 0);
  }

  @Test
  void dropoutKeepsTheNumbersOfPyTorchAndTheirGradients() {
    Tensor x = Tensor.ones(10).requiresGrad_();
    seed();
    Tensor y = x.dropout(0.5, true);
    assertNumbers(y, 0, 0, 2, 0, 0, 0, 2, 2, 0, 2);
    assertNumbers(Autograd.grad(List.of(y.sum()), List.of(x)).get(0), y.toDoubles());
    seed();
    assertNumbers(
        Tensor.ones(2, 3, 2).featureDropout(0.3, true).select(2, 1), 0, 0, 1.4286, 0, 1.4286, 0);
    seed();
    Tensor six = Tensor.ones(6).alphaDropout(0.3, true);
    assertNumbers(six, -1.0595, -1.0595, 1.3150, -1.0595, 1.3150, -1.0595);
    seed();
    assertArrayEquals(
        six.toDoubles(),
        Tensor.ones(2, 3, 2).featureAlphaDropout(0.3, true).select(2, 0).toDoubles());
  }

  @Test
  void dropoutThatDropsNothingIsTheTensorItself() {
    Tensor x = Tensor.tensor(Double.NaN, 1.0);
    assertSame(x, x.dropout(0.5, false));
    assertSame(x, x.alphaDropout(0, true));
    assertNotSame(x, x.dropout(0.5, true));
    assertArrayEquals(new double[] {Double.NaN, 0}, x.dropout(1, true).toDoubles());
    assertError("has to be between 0 and 1, but got 1.5", () -> x.dropout(1.5, true));
    assertError("at least 2 dimensions", () -> x.featureDropout(0.5, true));
    assertError("can't be cast", () -> Tensor.arange(3).dropout(0.5, true));
  }

  @Test
  void dropoutDropsTheShareAndKeepsTheMean() {
    seed();
    Tensor y = Tensor.ones(100_000).dropout(0.3, true);
    long kept = Arrays.stream(y.toDoubles()).filter(v -> v != 0).count();
    assertEquals(0.7, kept / 1e5, 0.01);
    assertEquals(1, y.mean().item(), 0.01);
    Tensor z = Tensor.randn(100_000).selu().alphaDropout(0.2, true);
    assertEquals(0, z.mean().item(), 0.02);
    assertEquals(1, z.std().item(), 0.02);
  }

  static Stream<Arguments> refusals() {
    String overflow = "value cannot be converted to type ";
    double inf = Double.POSITIVE_INFINITY;
    Tensor each = Tensor.tensor(1.0, 2.0, 3.0);
    Tensor w = Tensor.tensor(0.1, 0.2, 0.3, 0.4);
    return Stream.of(
        wrongCall(
            "upper bound and larger bound inconsistent with step sign",
            () -> Tensor.arange(0, 1, -1)),
        wrongCall("step must be nonzero", () -> Tensor.arange(0, 1, 0)),
        wrongCall("unsupported range", () -> Tensor.arange(0, inf, 1)),
        wrongCall("number of steps must be non-negative", () -> Tensor.linspace(0, 1, -1)),
        wrongCall("n must be greater or equal to 0, got -1", () -> Tensor.eye(-1)),
        wrongCall("row must be non-negative", () -> Tensor.trilIndices(-1, 2, 0)),
        wrongCall("Expected 0D or 1D tensor", () -> Tensor.meshgrid("ij", Tensor.ones(2, 2))),
        wrongCall("indexing must be one of", () -> Tensor.meshgrid("q", Tensor.ones(2))),
        wrongCall("smaller than num_classes", () -> Tensor.oneHot(Tensor.tensor(3L), 3)),
        wrongCall("smaller than num_classes", () -> Tensor.oneHot(Tensor.tensor(0L), 0)),
        wrongCall("smaller than num_classes", () -> Tensor.oneHot(Tensor.tensor(0L), -2)),
        wrongCall("must be non-negative", () -> Tensor.oneHot(Tensor.tensor(-1L))),
        wrongCall("a non-empty list", () -> Tensor.meshgrid("ij")),
        wrongCall(
            "the same dtype, got torch.int64 and torch.float32",
            () -> Tensor.meshgrid("ij", Tensor.arange(2), Tensor.ones(2))),
        wrongCall("only applicable to index tensor", () -> Tensor.oneHot(Tensor.ones(2))),
        wrongCall("step must be nonzero", () -> Tensor.arange(0, 1, 0.1, DType.INT64)),
        wrongCall("inconsistent with step sign", () -> Tensor.arange(-1)),
        wrongCall(overflow, () -> Tensor.arange(0, 1, inf, DType.INT32)),
        wrongCall(overflow, () -> Tensor.arange(Double.NaN, 1, 1, DType.INT64)),
        wrongCall(overflow, () -> Tensor.linspace(0, inf, 3, DType.INT32)),
        wrongCall(overflow, () -> Tensor.linspace(Double.NaN, 0, 1, DType.INT64)),
        wrongCall(overflow, () -> Tensor.linspace(0, 300, 3, DType.UINT8)),
        wrongCall(overflow, () -> Tensor.linspace(0, 1e39, 3)),
        wrongCall(overflow, () -> Tensor.logspace(0, 300, 2, 10, DType.INT8)),
        wrongCall("not implemented for torch.bool", () -> Tensor.arange(0, 0, 1, DType.BOOL)),
        wrongCall("not implemented for torch.bool", () -> Tensor.arange(0.0, 2.0, 1.0, DType.BOOL)),
        wrongCall("not implemented for torch.bool", () -> Tensor.linspace(0, 1, 2, DType.BOOL)),
        wrongCall("not implemented for torch.bool", () -> Tensor.logspace(0, 1, 2, 10, DType.BOOL)),
        wrongCall("all elements of std >= 0.0", () -> Tensor.normal(each, each.neg())),
        wrongCall("found std -1", () -> Tensor.normal(0, -1, 2)),
        wrongCall("from=2 > to=1", () -> Tensor.zeros(2).uniform_(2, 1)),
        wrongCall("not implemented for torch.int64", () -> Tensor.arange(2).normal_()),
        wrongCall("but got p=1.5", () -> Tensor.zeros(2).bernoulli_(1.5)),
        wrongCall("n_sample > prob_dist.size(-1)", () -> Tensor.multinomial(w, 5, false)),
        wrongCall("element < 0", () -> Tensor.multinomial(w.neg(), 1, false)),
        wrongCall("sum of probabilities <= 0", () -> Tensor.multinomial(Tensor.zeros(2), 1, false)),
        wrongCall("got: torch.int64", () -> Tensor.multinomial(Tensor.arange(2), 1, false)),
        wrongCall("n_sample <= 0", () -> Tensor.multinomial(w, 0, false)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatCannotBeMadeIsRefused(String text, Executable call) {
    assertError(text, call);
  }
}
