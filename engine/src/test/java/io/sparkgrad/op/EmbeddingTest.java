package io.sparkgrad.op;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.FTRL;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.RMSprop;
import io.sparkgrad.optim.SGD;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Looking up rows, and gradients that hold only the rows that were looked up: cases 2 and 54. */
class EmbeddingTest {
  private static final EmbeddingOptions SPARSE = EmbeddingOptions.of().sparse();

  private static Tensor weight() {
    return Tensor.arange(10).to(DType.FLOAT64).view(5, 2).detach().requiresGrad_();
  }

  private static Tensor ids(long... ids) {
    return Tensor.tensor(ids);
  }

  private static RowSparse sparseGrad(Tensor w, long... ids) {
    w.embedding(ids(ids), SPARSE).sum().backward();
    return assertInstanceOf(RowSparse.class, w.grad());
  }

  private static void fails(String text, Executable call) {
    String message = assertThrows(RuntimeException.class, call).getMessage();
    assertTrue(message.contains(text), message);
  }

  @Test
  void aSparseGradientHoldsARowForEachLookUp() {
    RowSparse g = sparseGrad(weight(), 1, 1, 4);
    assertEquals(3, g.nnz());
    assertFalse(g.isCoalesced());
    RowSparse c = g.coalesce();
    assertEquals(2, c.nnz());
    assertArrayEquals(new long[] {1, 4}, c.indices().toLongs());
    assertArrayEquals(new double[] {2, 2, 1, 1}, c.values().toDoubles());
    assertSame(c, c.coalesce());
    double[] dense = {0, 0, 2, 2, 0, 0, 0, 0, 1, 1};
    assertArrayEquals(dense, g.toDense().toDoubles());
    assertArrayEquals(dense, c.toDense().toDoubles());
  }

  @Test
  void itPrintsAsPyTorch() {
    Tensor w = Tensor.arange(10).to(DType.FLOAT32).view(5, 2).detach().requiresGrad_();
    RowSparse g = sparseGrad(w, 1, 1, 4);
    assertEquals(
        """
        tensor(indices=tensor([[1, 1, 4]]),
               values=tensor([[1., 1.],
                              [1., 1.],
                              [1., 1.]]),
               size=(5, 2), nnz=3, layout=torch.sparse_coo)""",
        g.toString());
    assertTrue(
        g.to(DType.FLOAT64).toString().endsWith("dtype=torch.float64, layout=torch.sparse_coo)"));
  }

  @Test
  void case54_aSparseGradientEqualsTheDenseOneForEveryShapeOfIndices() {
    for (Tensor at : List.of(ids(3, 0, 3), ids(1, 2, 2, 4).view(2, 2), ids(2).view(), ids())) {
      Tensor seed = new MakeTensor(5).any(at.view(-1).numel(), 2);
      double[][] found = new double[2][];
      for (int sparse = 0; sparse < 2; sparse++) {
        Tensor w = weight();
        Tensor y = sparse == 1 ? w.embedding(at, SPARSE) : w.embedding(at);
        y.backward(seed.view(y.shape()));
        assertEquals(sparse == 1, w.grad().isSparse());
        found[sparse] = w.grad().toDoubles();
      }
      assertArrayEquals(found[0], found[1]);
    }
  }

  @Test
  void case02_accumulationKeepsASparseGradientUntilADenseOneReplacesIt() {
    Tensor w = weight();
    RowSparse g = sparseGrad(w, 1, 4);
    w.embedding(ids(1), SPARSE).sum().backward();
    assertSame(g, w.grad());
    assertEquals(3, g.nnz());
    w.sum().backward();
    assertNotSame(g, w.grad());
    assertFalse(w.grad().isSparse());
    double[] sum = {1, 1, 3, 3, 1, 1, 1, 1, 2, 2};
    assertArrayEquals(sum, w.grad().toDoubles());
    Tensor dense = w.grad();
    w.embedding(ids(0), SPARSE).sum().backward();
    assertSame(dense, w.grad());
    assertArrayEquals(new double[] {2, 2, 3, 3, 1, 1, 1, 1, 2, 2}, dense.toDoubles());
  }

  @Test
  void uses_ofOnePassAreAddedWhateverTheirLayouts() {
    Tensor w = weight();
    Tensor looked = w.embedding(ids(1, 4), SPARSE).sum().add(w.embedding(ids(1), SPARSE).sum());
    looked.backward();
    assertEquals(3, assertInstanceOf(RowSparse.class, w.grad()).nnz());
    for (int order = 0; order < 6; order++) {
      Tensor x = weight();
      Tensor a = x.embedding(ids(1, 4), SPARSE).sum();
      Tensor b = x.pow(2).sum();
      Tensor c = x.embedding(ids(0), SPARSE).sum();
      List<Tensor> terms = List.of(a, b, c, a, b);
      Tensor sum = terms.get(order % 3).add(terms.get(order % 3 + 1)).add(terms.get(order % 3 + 2));
      sum.backward();
      double[] expected = weight().detach().mul(2).toDoubles();
      for (int i : new int[] {0, 1, 2, 3, 8, 9}) expected[i] += 1;
      assertArrayEquals(expected, x.grad().toDoubles());
    }
  }

  @Test
  void itTakesWhatAGradientNeedsAndRefusesTheRest() {
    RowSparse g = sparseGrad(weight(), 1, 1, 4);
    assertArrayEquals(new double[] {6, 6}, g.mul(3).toDense().select(0, 1).toDoubles());
    assertArrayEquals(new double[] {-1, -1}, g.div(2).neg().toDense().select(0, 1).toDoubles());
    assertTrue(g.add(g).isSparse());
    Tensor ones = Tensor.ones(5, 2).to(DType.FLOAT64);
    assertArrayEquals(new double[] {5, 5}, ones.add(g, 2).select(0, 1).toDoubles());
    assertArrayEquals(new double[] {4, 4}, g.add(ones, 2).select(0, 1).toDoubles());
    assertArrayEquals(new double[] {1, 1}, ones.clone().select(0, 1).toDoubles());
    assertArrayEquals(new double[] {-1, -1}, ones.clone().sub_(g).select(0, 1).toDoubles());
    fails("exp: not implemented for a row-sparse tensor (shape [5, 2], nnz=3)", g::exp);
    fails("call toDense() first", () -> g.mm(ones.t()));
    fails("toDense()", g::strides);
    g.mul_(2);
    assertArrayEquals(new double[] {4, 4}, g.toDense().select(0, 1).toDoubles());
    assertSame(g, g.zero_());
    assertEquals(0, g.nnz());
    assertArrayEquals(new double[10], g.toDoubles());
  }

  @Test
  void hooksSeeItAndMayReplaceIt() {
    Tensor w = weight();
    w.registerHook(g -> g.mul(2));
    assertArrayEquals(new double[] {2, 2}, sparseGrad(w, 3).values().toDoubles());
    int[] seen = {0};
    Tensor v = weight();
    v.registerPostAccumulateGradHook(t -> seen[0] = ((RowSparse) t.grad()).nnz());
    sparseGrad(v, 3, 3);
    assertEquals(2, seen[0]);
  }

  @Test
  void gradGivesItAndItsDenseFormIsDifferentiable() {
    Tensor w = weight();
    Tensor y = w.embedding(ids(1, 1, 4), SPARSE);
    Tensor g = Autograd.grad(y.pow(3).sum(), w, GradOptions.of().createGraph());
    assertTrue(g.isSparse());
    Tensor second = Autograd.grad(g.toDense().pow(2).sum(), w, GradOptions.of());
    Tensor v = weight();
    Tensor z = v.embedding(ids(1, 1, 4));
    Tensor h = Autograd.grad(z.pow(3).sum(), v, GradOptions.of().createGraph());
    Tensor expected = Autograd.grad(h.pow(2).sum(), v, GradOptions.of());
    assertArrayEquals(expected.toDoubles(), second.toDoubles(), 1e-9);
    fails("toDense()", () -> Autograd.grad(g, w, GradOptions.of()));
    Tensor linear = weight();
    Tensor constant =
        Autograd.grad(
            linear.embedding(ids(2), SPARSE).sum(), linear, GradOptions.of().createGraph());
    assertArrayEquals(new double[] {1, 1}, constant.toDense().select(0, 2).toDoubles());
  }

  @Test
  void optimizersStepTheRowsOrSayThatTheyCannot() {
    for (Optimizer rule :
        List.of(
            new SGD(0.1),
            new SGD(0.1).momentum(0.9),
            new SGD(0.1).weightDecay(1),
            new Adagrad(0.1).initialAccumulatorValue(0.1),
            new FTRL(0.1).l1(0.1))) {
      Tensor sparse = weight();
      Tensor dense = weight();
      var a = rule.over(List.of(sparse));
      var b = rule.over(List.of(dense));
      for (int step = 0; step < 3; step++) {
        a.zeroGrad();
        b.zeroGrad();
        sparse.embedding(ids(1, 4, 1), SPARSE).pow(2).sum().backward();
        dense.embedding(ids(1, 4, 1)).pow(2).sum().backward();
        a.step();
        b.step();
      }
      assertArrayEquals(dense.toDoubles(), sparse.toDoubles(), 1e-12, rule.toString());
    }
    Tensor w = weight();
    sparseGrad(w, 1);
    fails(
        "parameter 'table': Adam does not support sparse gradients",
        () -> new Adam(0.1).over(Map.of("table", w)).step());
    fails(
        "parameter '0': RMSprop does not support sparse gradients",
        () -> new RMSprop(0.1).over(List.of(w)).step());
  }

  @Test
  void itGoesThroughSerialization() throws Exception {
    RowSparse g = sparseGrad(weight(), 1, 1, 4);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(g);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(g.toString(), in.readObject().toString());
    }
  }

  @Test
  void paddingHasNoGradientNorAnyPartInABag() {
    Tensor w = weight();
    EmbeddingOptions padded = EmbeddingOptions.of().paddingIdx(-4);
    w.embedding(ids(1, 1, 4), padded).sum().backward();
    assertArrayEquals(new double[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, w.grad().toDoubles());
    Tensor v = weight();
    v.embedding(ids(1, 1, 4), EmbeddingOptions.of().paddingIdx(1).sparse()).sum().backward();
    assertEquals(1, ((RowSparse) v.grad()).nnz());
    Tensor mean = weight();
    Tensor offsets = ids(0, 1, 1);
    EmbeddingOptions bags = EmbeddingOptions.of().paddingIdx(1);
    Tensor y = mean.embeddingBag(ids(1, 2, 4, 1), offsets, null, bags);
    assertArrayEquals(new double[] {0, 0, 0, 0, 6, 7}, y.toDoubles());
    y.sum().backward();
    assertArrayEquals(new double[] {0, 0, 0, 0, .5, .5, 0, 0, .5, .5}, mean.grad().toDoubles());
    Tensor most = weight().embeddingBag(ids(1, 2, 4, 1), offsets, null, bags.mode("max"));
    assertArrayEquals(new double[] {0, 0, 0, 0, 8, 9}, most.toDoubles());
  }

  @Test
  void theLargestOfABagWithNanIsNanAndOfNoRowsAtAllHasAHistory() {
    double nan = Double.NaN;
    Tensor w = Tensor.of(new double[] {5, 1, nan, -1, 7}, 5, 1).requiresGrad_();
    Tensor bags = w.embeddingBag(ids(0, 1, 2, 3, 4), ids(0, 1, 4), "max");
    assertArrayEquals(new double[] {5, nan, 7}, bags.toDoubles());
    Tensor none = w.embeddingBag(ids(), ids(0), "max");
    assertArrayEquals(new double[] {0}, none.toDoubles());
    none.sum().backward();
    assertArrayEquals(new double[5], w.grad().toDoubles());
  }

  @Test
  void rowsLongerThanMaxNormAreShortenedInTheWeights() {
    Tensor w = Tensor.tensor(new double[][] {{3, 4}, {6, 8}, {0.3, 0.4}}).to(DType.FLOAT64);
    Tensor leaf = w.detach().requiresGrad_();
    int before = leaf.version();
    Tensor y = leaf.embedding(ids(0, 2, 0), EmbeddingOptions.of().maxNorm(1));
    double[] expected = {.6, .8, .3, .4, .6, .8};
    assertArrayEquals(expected, y.toDoubles(), 1e-6);
    assertArrayEquals(new double[] {.6, .8, 6, 8, .3, .4}, leaf.toDoubles(), 1e-6);
    assertTrue(leaf.version() > before);
    leaf.embedding(ids(1), EmbeddingOptions.of().maxNorm(7).normType(1));
    assertArrayEquals(new double[] {3, 4}, leaf.select(0, 1).toDoubles(), 1e-5);
  }

  @Test
  void aGradientMayBeScaledByFrequency() {
    Tensor w = weight();
    w.embedding(ids(0, 2, 0), EmbeddingOptions.of().scaleGradByFreq()).sum().backward();
    assertArrayEquals(new double[] {1, 1, 0, 0, 1, 1, 0, 0, 0, 0}, w.grad().toDoubles());
    Tensor y = weight().embedding(ids(1), EmbeddingOptions.of().scaleGradByFreq().sparse());
    fails("scale_grad_by_freq not supported with sparse gradients", () -> y.sum().backward());
  }

  @Test
  void bagsAreRowsOrBeginAtOffsets() {
    Tensor w = weight();
    EmbeddingOptions sum = EmbeddingOptions.of().mode("sum");
    Tensor rows = w.embeddingBag(ids(1, 2, 4, 1).view(2, 2), null, null, sum);
    assertArrayEquals(new double[] {6, 8, 10, 12}, rows.toDoubles());
    EmbeddingOptions last = EmbeddingOptions.of().mode("sum").includeLastOffset();
    Tensor one = w.embeddingBag(ids(1, 2, 4, 1), ids(0, 2), null, last);
    assertArrayEquals(new double[] {6, 8}, one.toDoubles());
    Tensor psw = Tensor.of(new double[] {1, -2, .5, 3}, 4).requiresGrad_();
    Tensor weighted = w.embeddingBag(ids(1, 2, 4, 1), ids(0, 2), psw, sum);
    assertArrayEquals(new double[] {-6, -7, 10, 13.5}, weighted.toDoubles());
    GradCheck.gradcheck(
        in -> List.of(in.get(0).embeddingBag(ids(1, 2, 4, 1), ids(0, 2), in.get(1), sum)), w, psw);
    GradCheck.gradgradcheck(
        in -> List.of(in.get(0).embeddingBag(ids(1, 2, 4, 1), ids(0, 2), in.get(1), sum)), w, psw);
    Tensor equal = Tensor.ones(3, 2).to(DType.FLOAT64).requiresGrad_();
    equal.embeddingBag(ids(2, 0, 1), ids(0), "max").sum().backward();
    assertArrayEquals(new double[] {0, 0, 0, 0, 1, 1}, equal.grad().toDoubles());
    Tensor sparse = weight();
    EmbeddingOptions mean = EmbeddingOptions.of().sparse();
    sparse.embeddingBag(ids(1, 2, 4, 1), ids(0, 2, 2), null, mean).sum().backward();
    assertEquals(4, ((RowSparse) sparse.grad()).nnz());
    assertArrayEquals(new double[] {0, 0, 1, 1, .5, .5, 0, 0, .5, .5}, sparse.grad().toDoubles());
  }

  static Stream<Arguments> wrongCalls() {
    Tensor w = weight();
    Tensor i = ids(1, 2, 4, 1);
    EmbeddingOptions max = EmbeddingOptions.of().mode("max");
    EmbeddingOptions sum = EmbeddingOptions.of().mode("sum");
    Tensor ones = Tensor.ones(4).to(DType.FLOAT64);
    return Stream.of(
        wrongCall("index out of range in self", () -> w.embedding(ids(1, 5))),
        wrongCall("Padding_idx must be within num_embeddings", () -> w.embedding(ids(1), 7)),
        wrongCall("'weight' must be 2-D", () -> w.select(0, 0).embedding(ids(1))),
        wrongCall("int64 or int32", () -> w.embedding(Tensor.ones(1))),
        wrongCall(
            "offsets has to be a 1D Tensor but got null", () -> w.embeddingBag(i, null, "sum")),
        wrongCall("offsets has to be null", () -> w.embeddingBag(i.view(2, 2), ids(0), "sum")),
        wrongCall("offsets[0] has to be 0", () -> w.embeddingBag(i, ids(1), "sum")),
        wrongCall("greater than input's length 4", () -> w.embeddingBag(i, ids(0, 5), "sum")),
        wrongCall("must not decrease", () -> w.embeddingBag(i, ids(0, 2, 1), "sum")),
        wrongCall("one of sum, mean or max", () -> w.embeddingBag(i, ids(0), "median")),
        wrongCall("only supported for mode='sum'", () -> w.embeddingBag(i, ids(0), ones, max)),
        wrongCall(
            "same shape as the input",
            () -> w.embeddingBag(i, ids(0), Tensor.ones(3).to(DType.FLOAT64), sum)),
        wrongCall(
            "max mode does not support sparse weights",
            () -> w.embeddingBag(i, ids(0), null, EmbeddingOptions.of().mode("max").sparse())),
        wrongCall(
            "scaling the gradient by the frequency",
            () ->
                w.embeddingBag(
                    i, ids(0), null, EmbeddingOptions.of().mode("max").scaleGradByFreq())));
  }

  @ParameterizedTest
  @MethodSource("wrongCalls")
  void aWrongCallIsNamed(String text, Executable call) {
    fails(text, call);
  }
}
