package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What a backward pass leaves in the leaves, and when it refuses to run. */
class BackwardTest {
  private static final BackwardOptions KEEP = BackwardOptions.of().retainGraph();

  // ---- the tutorial

  @Test
  void chainRuleOfTheTutorialGivesFourAndAHalf() {
    Tensor x = leaf(1, 1, 1, 1);
    Tensor y = x.add(2);
    Tensor z = y.mul(y).mul(3);
    Tensor out = z.mean();
    values(z, 27, 27, 27, 27);
    assertEquals(27, out.item());
    assertEquals(0, out.dim());
    out.backward();
    values(x.grad(), 4.5, 4.5, 4.5, 4.5);
    assertNull(x.grad().gradFn());
    assertFalse(x.grad().requiresGrad());
  }

  @Test
  void chainRuleOfTheTutorialHoldsForAnyX() {
    Generator.current().manualSeed(26);
    Tensor x = Tensor.randn(DType.FLOAT64, 2, 2).requiresGrad_();
    x.add(2).pow(2).mul(3).mean().backward();
    assertArrayEquals(x.detach().add(2).mul(1.5).toDoubles(), x.grad().toDoubles(), 1e-12);
  }

  @Test
  void javaControlFlowIsRecorded() {
    Tensor x = leaf(-0.3, 0.5, 1.2);
    Tensor y = x.mul(2);
    int doublings = 1;
    while (Math.sqrt(y.data().pow(2).sum().item()) < 1000) {
      y = y.mul(2);
      doublings++;
    }
    assertEquals(10, doublings);
    values(y, -307.2, 512, 1228.8);
    y.backward(Tensor.tensor(0.1, 1.0, 0.0001));
    values(x.grad(), 102.4, 1024, 0.1024);
  }

  @Test
  void neitherDataNorDetachIsPartOfTheGraph() {
    Tensor x = leaf(-0.656781, -1.396318, -1.388132);
    Tensor y = x.mul(2);
    int doublings = 1;
    while (Math.sqrt(y.detach().pow(2).sum().item()) < 1000) {
      y = y.mul(2);
      doublings++;
    }
    assertEquals(9, doublings);
    y.backward(Tensor.tensor(0.1, 1.0, 0.0001));
    values(x.grad(), 51.2, 512, 0.0512);
  }

  @Test
  void eachCallMayBuildAnotherGraph() {
    assertEquals(chain(leaf(100)), 4);
    assertEquals(chain(leaf(600)), 1);
  }

  private static int chain(Tensor x) {
    Tensor y = x;
    while (y.item() < 1000) y = y.mul(2);
    int nodes = 0;
    for (Node n = y.gradFn(); !(n instanceof AccumulateGrad); n = n.next(0).node()) nodes++;
    return nodes;
  }

  @Test
  void sumOfTwoLeavesGivesOnesToBoth() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = Tensor.zeros(2, 2).requiresGrad_();
    Tensor z = x.add(y).sum();
    assertEquals(4, z.item());
    z.backward();
    values(x.grad(), 1, 1, 1, 1);
    values(y.grad(), 1, 1, 1, 1);
  }

  @Test
  void powersWeightedByAGivenGradient() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = Tensor.ones(2, 2).requiresGrad_();
    Tensor h = x.pow(2).add(y.pow(3));
    values(h, 2, 2, 2, 2);
    h.backward(Tensor.ones(2, 2));
    values(x.grad(), 2, 2, 2, 2);
    values(y.grad(), 3, 3, 3, 3);
  }

  @Test
  void clampPassesTheGradientAtItsBoundAndReluDoesNot() {
    Tensor x = leaf(-1, 0, 1);
    x.clampMin(0).sum().backward();
    values(x.grad(), 0, 1, 1);
    x.setGrad(null);
    x.relu().sum().backward();
    values(x.grad(), 0, 0, 1);
  }

  @Test
  void clampPassesTheGradientAtABoundThatIsNoExactFloat() {
    Tensor x = leaf(0.1f, 0.7f);
    x.clamp(0.1, 0.7).sum().backward();
    values(x.grad(), 1, 1);
  }

  // ---- seeds

  @Test
  void backwardWithoutAGradientMeansOne() {
    Tensor x = leaf(3);
    Tensor y = x.mul(2);
    y.backward(BackwardOptions.of().gradient(Tensor.ones(1)).retainGraph());
    y.backward();
    values(x.grad(), 4);
  }

  @Test
  void anOutputOfOneElementNeedsNoGradientWhateverItsRank() {
    Tensor x = leaf(3);
    x.mul(2).reshape(1, 1).backward();
    values(x.grad(), 2);
  }

  @Test
  void anOutputOfSeveralElementsNeedsAGradient() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    says(
        () -> x.mul(2).backward(),
        "grad can be implicitly created only for scalar outputs: output 0 has shape [2, 2]; "
            + "call .sum() or .mean() first, or give backward a gradient");
  }

  @Test
  void theGradientMustHaveTheOutputsShape() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    says(
        () -> x.mul(2).backward(Tensor.ones(3)),
        "Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2, 2].");
  }

  @Test
  void aGivenGradientArrivesUnchangedAndIsNeitherKeptNorWritten() {
    Tensor x = leaf(1, 2);
    Tensor seed = Tensor.tensor(0.25, -4);
    Tensor y = x.add(2);
    y.backward(seed);
    y.backward(seed);
    values(x.grad(), 0.5, -8);
    values(seed, 0.25, -4);
    assertFalse(x.grad().storage().sharesWith(seed.storage()));
    assertEquals(0, seed.version());
  }

  @Test
  void theSeedOfALeafIsCopied() {
    Tensor x = leaf(1, 2);
    Tensor seed = Tensor.tensor(5, 6);
    x.backward(seed);
    assertNotSame(seed, x.grad());
    x.grad().zero_();
    values(seed, 5, 6);
  }

  @Test
  void aGradientOfAnotherDtypeIsConverted() {
    Tensor x = leaf(1, 2);
    x.mul(2).backward(Tensor.of(new double[] {1, 3}, 2));
    assertEquals(DType.FLOAT32, x.grad().dtype());
    values(x.grad(), 2, 6);
  }

  // ---- accumulation

  @Test
  void gradientsAddUpInTheTensorThatWasHandedOut() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x).sum();
    y.backward(KEEP);
    Tensor first = x.grad();
    values(first, 2, 4);
    y.backward(KEEP);
    assertSame(first, x.grad());
    values(first, 4, 8);
    first.zero_();
    y.backward();
    assertSame(first, x.grad());
    values(first, 2, 4);
  }

  @Test
  void withCreateGraphAccumulationMakesANewGradient() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x).sum();
    BackwardOptions record = BackwardOptions.of().createGraph();
    y.backward(record);
    Tensor first = x.grad();
    y.backward(record);
    assertNotSame(first, x.grad());
    values(first, 2, 4);
    values(x.grad(), 4, 8);
    assertTrue(x.grad().requiresGrad());
  }

  @Test
  void twoLeavesOfOneAdditionDoNotShareTheirGradients() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    x.add(y).mul(2).sum().backward();
    assertFalse(x.grad().storage().sharesWith(y.grad().storage()));
    x.grad().zero_();
    values(y.grad(), 2, 2);
  }

  @Test
  void aLeafOfManyNumbersKeepsADenseGradientOfASum() {
    Tensor x = leaf(1, 2, 3);
    x.sum().backward();
    assertTrue(x.grad().isContiguous());
    x.grad().add_(Tensor.tensor(1, 2, 3));
    values(x.grad(), 2, 3, 4);
  }

  @Test
  void oneTensorUsedTwiceGetsBothGradients() {
    Tensor x = leaf(3);
    x.mul(x).backward();
    values(x.grad(), 6);
    Tensor y = leaf(3);
    y.add(y).backward();
    values(y.grad(), 2);
  }

  @Test
  void repeatedGradientsOfAMeanCanBeAddedTo() {
    Tensor x = leaf(1, 2, 3, 4);
    x.mul(x)
        .sum()
        .add(x.mean())
        .backward(); // the mean's gradient comes first, one number shown 4 times
    values(x.grad(), 2.25, 4.25, 6.25, 8.25);
    Tensor y = leaf(1, 2, 3, 4);
    y.mean().add(y.mul(y).sum()).backward();
    values(y.grad(), 2.25, 4.25, 6.25, 8.25);
  }

  @Test
  void aDiamondAddsUpItsTwoSides() {
    Tensor x = leaf(2);
    Tensor y = x.mul(x);
    y.mul(3).add(y.exp()).backward();
    assertEquals(2 * 2 * (3 + Math.exp(4)), x.grad().item(), 1e-4);
  }

  @Test
  void closedFormsOfALongerExpressionHold() {
    Tensor x = Tensor.of(new double[] {1.5, 2}, 2).requiresGrad_();
    Tensor y = Tensor.of(new double[] {0.5, 4}, 2).requiresGrad_();
    Tensor z = Tensor.of(new double[] {3, -1}, 2).requiresGrad_();
    x.add(y.mul(z)).add(z.pow(2).mul(4).mul(x).div(y)).sum().backward();
    values(x.grad(), 1 + 4 * 9 / 0.5, 1 + 4 * 1 / 4.0);
    values(y.grad(), 3 - 4 * 9 * 1.5 / 0.25, -1 - 4 * 1 * 2 / 16.0);
    values(z.grad(), 0.5 + 8 * 3 * 1.5 / 0.5, 4 + 8 * -1 * 2 / 4.0);
  }

  @Test
  void broadcastingIsUndone() {
    Tensor row = leaf(1, 2, 3);
    Tensor column = Tensor.tensor(10.0, 20).reshape(2, 1).requiresGrad_();
    Tensor scalar = Tensor.scalar(5).requiresGrad_();
    row.add(column).mul(scalar).sum().backward();
    values(row.grad(), 10, 10, 10);
    assertArrayEquals(new int[] {2, 1}, column.grad().shape());
    values(column.grad(), 15, 15);
    assertEquals(0, scalar.grad().dim());
    values(scalar.grad(), 102);
  }

  @Test
  void broadcastingOverNothingGivesZeros() {
    Tensor a = Tensor.zeros(4, 0).requiresGrad_();
    Tensor b = Tensor.zeros(4, 1).requiresGrad_();
    a.add(b).sum().backward();
    assertArrayEquals(new int[] {4, 0}, a.grad().shape());
    values(b.grad(), 0, 0, 0, 0);
  }

  @Test
  void promotionIsUndone() {
    Tensor x = leaf(1, 2);
    Tensor y = Tensor.of(new double[] {3, 4}, 2).requiresGrad_();
    Tensor product = x.mul(y);
    assertEquals(DType.FLOAT64, product.dtype());
    product.sum().backward();
    assertEquals(DType.FLOAT32, x.grad().dtype());
    assertEquals(DType.FLOAT64, y.grad().dtype());
    values(x.grad(), 3, 4);
  }

  @Test
  void aNonLeafKeepsNoGradient() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(2);
    h.sum().backward();
    assertNull(h.grad());
    values(x.grad(), 2, 2);
  }

  @Test
  void severalOutputsOfOneNodeAddUp() {
    Tensor x = Tensor.tensor(new double[][] {{1, 5}, {7, 2}}).requiresGrad_();
    var max = x.max(1);
    max.values().mul(Tensor.tensor(2, 3)).sum().backward();
    values(x.grad(), 0, 2, 3, 0);
    assertFalse(max.indices().requiresGrad());
  }

  // ---- life of the graph

  @Test
  void aSecondPassOverSavedTensorsErrors() {
    Tensor x = leaf(1, 2);
    Tensor out = x.mul(x).sum();
    out.backward();
    says(
        out::backward,
        "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            + "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            + "Autograd.grad(). Specify retainGraph() if you need to backward through the graph a second time or "
            + "if you need to access saved tensors after calling backward. (node MulBackward0)");
    values(x.grad(), 2, 4);
  }

  @Test
  void whatSavedNothingRunsAsOftenAsOneLikes() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = x.add(2);
    y.backward(Tensor.ones(2, 2));
    y.backward(Tensor.ones(2, 2));
    Tensor z = x.add(Tensor.zeros(2, 2)).sum();
    z.backward();
    values(x.grad(), 3, 3, 3, 3);
  }

  @Test
  void aKeptGraphCanBeExtended() {
    Tensor x = leaf(1, 2);
    Tensor y = x.add(2);
    y.backward(KEEP.gradient(Tensor.ones(2)));
    y.mul(y).sum().backward();
    values(x.grad(), 7, 9);
  }

  @Test
  void wantingABackwardWhereNothingWasRecordedErrors() {
    String text = "element 0 of tensors does not require grad and does not have a grad_fn";
    says(() -> Tensor.ones(2).sum().backward(), text);
    says(() -> Tensor.ones(2).backward(), text);
    Tensor ints = Tensor.of(new int[] {1, 2, 3}, 3);
    says(ints::backward, text);
    says(() -> ints.sum().backward(), text);
  }

  @Test
  void aChainOfManyNodesNeedsNoStack() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 150_000; i++) y = y.add(1e-9);
    y.backward();
    values(x.grad(), 1);
  }

  @Test
  void backwardRunsLaterOperationsFirst() {
    Tensor x = leaf(0.5);
    Tensor a = x.exp();
    Tensor b = x.tanh();
    Tensor c = a.mul(b);
    assertTrue(c.gradFn().priority() > b.gradFn().priority());
    assertTrue(b.gradFn().priority() > a.gradFn().priority());
    assertTrue(x.gradientEdge().node().priority() > c.gradFn().priority(), "leaves at once");
  }

  // ---- second order

  @Test
  void hessianTimesVectorByBackwardTwice() {
    Tensor x = leaf(2);
    Tensor y = leaf(3);
    x.pow(2).add(x.mul(y)).add(y.pow(2)).backward(BackwardOptions.of().createGraph());
    Tensor gx = x.grad();
    Tensor gy = y.grad();
    values(gx, 7);
    values(gy, 8);
    x.setGrad(null);
    y.setGrad(null);
    gx.mul(2).add(gy).backward();
    values(x.grad(), 5); // 2·(2) + 1
    values(y.grad(), 4); // 2·(1) + 2
  }

  @Test
  void thirdOrderOfACube() {
    Tensor x = Tensor.of(new double[] {2}, new int[0]).requiresGrad_();
    Tensor g = x.pow(3);
    for (double expected : new double[] {12, 12, 6}) {
      g = Autograd.grad(List.of(g), List.of(x), GradOptions.of().createGraph()).get(0);
      assertEquals(expected, g.item(), 1e-12);
    }
  }

  // ---- Autograd.grad

  @Test
  void gradLeavesTheGradientsOfLeavesAlone() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(2);
    Tensor out = h.mul(h).sum();
    List<Tensor> g = Autograd.grad(List.of(out), List.of(h, x));
    values(g.get(0), 4, 8);
    values(g.get(1), 8, 16);
    assertNull(x.grad());
  }

  @Test
  void gradOfWhatNothingDependsOnIsAnErrorOrNull() {
    Tensor x = leaf(1);
    Tensor other = leaf(2);
    says(
        () -> Autograd.grad(List.of(x.mul(2)), List.of(x, other)),
        "One of the differentiated Tensors appears to not have been used in the graph (input 1). "
            + "Set allowUnused() if this is the desired behavior.");
    List<Tensor> g =
        Autograd.grad(List.of(x.mul(2)), List.of(x, other), GradOptions.of().allowUnused());
    values(g.get(0), 2);
    assertNull(g.get(1));
  }

  @Test
  void gradRefusesBadCalls() {
    Tensor x = leaf(1);
    Tensor plain = Tensor.ones(1);
    says(
        () -> Autograd.grad(List.of(x.mul(2)), List.of(plain)),
        "One of the differentiated Tensors does not require grad");
    says(
        () -> Autograd.grad(List.of(plain), List.of(x)),
        "element 0 of tensors does not require grad and does not have a grad_fn");
    says(() -> Autograd.grad(List.of(x.mul(2)), List.of()), "grad requires non-empty inputs.");
    says(
        () ->
            Autograd.grad(
                List.of(x.mul(2), x), List.of(x), GradOptions.of().gradOutputs(List.of(plain))),
        "got 2 tensors and 1 gradients");
  }

  @Test
  void gradDoesNotRunWhatDoesNotLeadToItsInputs() {
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    Tensor side = y.mul(y); // freed first: running it would throw
    side.backward();
    Tensor out = x.mul(3).add(side);
    values(Autograd.grad(List.of(out), List.of(x)).get(0), 3);
  }

  @Test
  void gradOfSeveralOutputsAddsThemUp() {
    Tensor x = leaf(3);
    Tensor y = x.mul(x);
    Tensor z = y.mul(2);
    values(Autograd.grad(List.of(y, z), List.of(x)).get(0), 6 + 12);
    Tensor twice = x.mul(x);
    values(Autograd.grad(List.of(twice, twice), List.of(x)).get(0), 12);
  }

  @Test
  void ascendingOnANonLeafLeavesTheLeafAlone() {
    Tensor init = leaf(0.5, -0.25);
    Tensor x = init;
    Tensor start = x.pow(2).sum();
    for (int i = 0; i < 5; i++) {
      Tensor g = Autograd.grad(List.of(x.mul(x).sum()), List.of(x)).get(0);
      x = x.add(g.mul(0.2));
    }
    assertTrue(x.pow(2).sum().item() > start.item());
    assertNull(init.grad());
  }

  // ---- threads

  @Test
  void tenThreadsAddToSharedLeavesExactly() throws Exception {
    Tensor x = Tensor.ones(5, 5).requiresGrad_();
    onTenThreads(
        () -> {
          x.add(3).mul(x.add(4)).mul(0.5).sum().backward();
          return null;
        });
    for (double g : x.grad().toDoubles()) assertEquals(10 * (1 + 3.5), g); // d/dx = x + 3.5
  }

  @Test
  void independentGraphsDoNotMeet() throws Exception {
    List<Tensor> grads =
        onTenThreads(
            () -> {
              Tensor x = leaf(1, 2, 3);
              for (int i = 0; i < 50; i++) x.mul(x).sum().backward();
              return x.grad();
            });
    for (Tensor g : grads) values(g, 100, 200, 300);
  }

  @Test
  void gradOfASharedGraphAnswersEachThread() throws Exception {
    Tensor x = leaf(1, 2);
    List<Tensor> grads =
        onTenThreads(() -> Autograd.grad(List.of(x.mul(x).sum()), List.of(x)).get(0));
    for (Tensor g : grads) values(g, 2, 4);
    assertNull(x.grad());
  }

  @Test
  void aGraphBuiltByOneThreadOnAnothersRunsInOrder() throws Exception {
    Tensor x = leaf(2);
    Tensor y = x.mul(x);
    for (int i = 0; i < 20; i++) y = y.add(1);
    Tensor base = y;
    ExecutorService one = Executors.newSingleThreadExecutor();
    try {
      Tensor z = one.submit(() -> base.mul(base)).get();
      z.add(base).backward();
    } finally {
      one.shutdown();
    }
    values(x.grad(), (2 * 24 + 1) * 4);
  }

  private static List<Tensor> onTenThreads(Callable<Tensor> task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(10);
    try {
      List<Tensor> out = new ArrayList<>();
      for (var f : threads.invokeAll(java.util.Collections.nCopies(10, task))) out.add(f.get());
      return out;
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aDerivativeThatNeedsNoTensorRunsTwice() {
    Tensor x = leaf(2, 5);
    Tensor y = x.fmod(3).sum();
    y.backward();
    y.backward();
    values(x.grad(), 2, 2);
  }

  // ---- helpers

  static Tensor leaf(double... values) {
    return Tensor.tensor(values).requiresGrad_();
  }

  static void values(Tensor t, double... expected) {
    double[] actual = t.toDoubles();
    assertEquals(expected.length, actual.length, Arrays.toString(actual));
    for (int i = 0; i < expected.length; i++) {
      double tolerance = 1e-5 * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], actual[i], tolerance, () -> Arrays.toString(actual));
    }
  }

  static void says(org.junit.jupiter.api.function.Executable call, String text) {
    assertEquals(text, assertThrows(RuntimeException.class, call).getMessage());
  }
}
