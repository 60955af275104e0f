package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Autograd.grad and backward(inputs): what they fill, what they leave, what they refuse. */
class GradTest {
  private static final GradOptions CREATE = GradOptions.of().createGraph();

  private static Tensor square(Tensor x, Tensor y) {
    return x.pow(2).add(x.mul(y)).add(y.pow(2)); // x² + xy + y²
  }

  @Test
  void case01_accumulationIsInPlaceUnlessAGraphIsCreated() {
    Tensor x = leaf(1, 2);
    x.mul(3).sum().backward();
    Tensor old = x.grad();
    x.mul(3).sum().backward();
    assertSame(old, x.grad());
    values(old, 6, 6);
    x.mul(3).sum().backward(BackwardOptions.of().createGraph());
    assertNotSame(old, x.grad());
    values(old, 6, 6);
    values(x.grad(), 9, 9);
  }

  @Test
  void case02_aDenseGradientKeepsItsIdentity() {
    Tensor x = leaf(1, 2);
    Tensor mine = Tensor.tensor(5.0, 5);
    x.setGrad(mine);
    x.sum().backward();
    assertSame(mine, x.grad());
    values(mine, 6, 6);
  }

  @Test
  void case03_broadcastingOverNothingGivesZeros() {
    Tensor a = Tensor.ones(4, 0).requiresGrad_();
    Tensor b = Tensor.ones(4, 1).requiresGrad_();
    a.add(b).sum().backward();
    values(b.grad(), 0, 0, 0, 0);
    assertEquals(0, a.grad().numel());
  }

  @Test
  void case04_hessianTimesVectorByBackwardTwice() {
    Tensor x = leaf(1, -2);
    Tensor y = leaf(3, 0.5);
    square(x, y).sum().backward(BackwardOptions.of().createGraph());
    Tensor gx = x.grad().clone();
    Tensor gy = y.grad().clone();
    x.setGrad(null);
    y.setGrad(null);
    gx.mul(2).add(gy).sum().backward();
    values(x.grad(), 5, 5);
    values(y.grad(), 4, 4);
  }

  @Test
  void case05_gradDoesTheSameWithoutTouchingTheLeaves() {
    Tensor x = leaf(1, -2);
    Tensor y = leaf(3, 0.5);
    List<Tensor> g = Autograd.grad(List.of(square(x, y).sum()), List.of(x, y), CREATE);
    values(g.get(0), 2 + 3, -4 + 0.5);
    values(g.get(1), 1 + 6, -2 + 1);
    List<Tensor> h =
        Autograd.grad(List.of(g.get(0).mul(2).add(g.get(1)).sum()), List.of(x, y), CREATE);
    values(h.get(0), 5, 5);
    values(h.get(1), 4, 4);
    assertNull(x.grad());
    assertNull(y.grad());
    Tensor out = x.mul(2);
    says(
        () -> Autograd.grad(out, x, GradOptions.of().gradOutputs(Tensor.ones(3))),
        "Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2].");
  }

  @Test
  void case06_ascendingOnANonLeafLeavesTheLeafAlone() {
    Tensor start = leaf(0.5, -0.25);
    Tensor x = start;
    for (int i = 0; i < 5; i++) {
      Tensor before = x.mul(x).sum();
      x = x.add(Autograd.grad(List.of(before), List.of(x)).get(0).mul(0.2));
      assertTrue(x.mul(x).sum().item() > before.item());
    }
    assertNull(start.grad());
  }

  @Test
  void case07_bothOutputsOfANodeAreCapturedAndTheLeafsHookStaysSilent() {
    Tensor x = leaf(1, 2, 3, 4);
    x.registerHook(
        g -> {
          throw new AssertionError("the leaf is not asked for");
        });
    Tensor[] halves = new HalvesTest.Halves().applyAll(x);
    Tensor out = halves[0].mul(2).sum().add(halves[1].mul(3).sum());
    List<Tensor> g = Autograd.grad(List.of(out), List.of(halves));
    values(g.get(0), 2, 2);
    values(g.get(1), 3, 3);
    assertNull(x.grad());
  }

  @Test
  void case08_aHookOnOneOutputSeesThatOneOnly() {
    Tensor x = leaf(1, 2, 3, 4);
    Tensor[] halves = new HalvesTest.Halves().applyAll(x);
    List<Tensor> seen = new ArrayList<>();
    halves[0].registerHook(
        g -> {
          seen.add(g);
          return null;
        });
    Tensor[] g = new Tensor[2];
    halves[0]
        .gradFn()
        .registerPreHook(
            in -> {
              g[0] = in[0];
              g[1] = in[1];
              return null;
            });
    halves[0].sum().backward();
    assertEquals(1, seen.size());
    values(seen.get(0), 1, 1);
    assertNull(g[1]);
    values(x.grad(), 1, 1, 0, 0);
  }

  @Test
  void case09_unusedInputsGetZerosOnDemand() {
    Tensor x = leaf(1, 2);
    Tensor other = Tensor.ones(2, 3).requiresGrad_();
    List<Tensor> inputs = List.of(x, other);
    GradOptions zeros = GradOptions.of().materializeGrads();
    List<Tensor> g = Autograd.grad(List.of(x.mul(3).sum()), inputs, zeros);
    values(g.get(0), 3, 3);
    values(g.get(1), 0, 0, 0, 0, 0, 0);
    Tensor third = x.pow(2).sum();
    for (double[] expected : new double[][] {{2, 4}, {2, 2}, {0, 0}, {0, 0}}) {
      third = Autograd.grad(third.sum(), x, zeros.createGraph());
      values(third, expected);
    }
    says(
        () -> zeros.allowUnused(false),
        "Expected allowUnused to be true or not passed when materializeGrads is set, but got: allowUnused(false)");
  }

  @Test
  void row28_aConstantGradientStaysDifferentiable() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    List<Tensor> g = Autograd.grad(List.of(x.mul(2).add(y).sum()), List.of(x, y), CREATE);
    values(g.get(0), 2, 2);
    assertTrue(g.get(0).requiresGrad());
    values(Autograd.grad(g.get(0).sum(), x, CREATE), 0, 0);
    values(Autograd.grad(g.get(0).sum(), y, CREATE), 0, 0);
    assertFalse(Autograd.grad(List.of(x.mul(2).sum()), List.of(x)).get(0).requiresGrad());
  }

  @Test
  void case10_aPassInTwoHalvesThroughAnEdgeEqualsOne() {
    Tensor x = leaf(1, 2);
    Tensor mid = x.exp();
    Edge edge = mid.gradientEdge();
    Tensor out = mid.mul(mid).sum();
    Tensor whole = Autograd.grad(out, x, GradOptions.of().retainGraph());
    Tensor half =
        Autograd.gradOfEdges(
                List.of(out.gradientEdge()),
                List.of(edge),
                GradOptions.of().gradOutputs(Tensor.ones()))
            .get(0);
    Tensor rest =
        Autograd.gradOfEdges(
                List.of(edge), List.of(x.gradientEdge()), GradOptions.of().gradOutputs(half))
            .get(0);
    values(rest, whole.toDoubles());
  }

  @Test
  void case10_anEdgeRemembersTheValueBeforeAnInPlaceOperation() {
    Tensor x = leaf(1, 2);
    Tensor a = x.clone();
    Edge before = a.gradientEdge();
    a.mul_(3);
    Edge after = a.gradientEdge();
    Tensor seed = Tensor.ones(2);
    List<Tensor> g =
        Autograd.gradOfEdges(
            List.of(after), List.of(before, after), GradOptions.of().gradOutputs(seed));
    values(g.get(0), 3, 3);
    values(g.get(1), 1, 1);
  }

  @Test
  void case11_whatIsUnreachableIsNullAndDoesNotRun() {
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    Tensor z = y.mul(2);
    z.gradFn()
        .registerPreHook(
            g -> {
              throw new AssertionError("does not lead to x");
            });
    Tensor out = x.mul(2).add(z);
    values(Autograd.grad(List.of(out), List.of(x)).get(0), 2);
    Tensor lone = leaf(5);
    List<Tensor> g =
        Autograd.grad(List.of(x.mul(2)), List.of(x, lone), GradOptions.of().allowUnused());
    assertNull(g.get(1));
    says(
        () -> Autograd.grad(List.of(x.mul(2)), List.of(x, lone)),
        "One of the differentiated Tensors appears to not have been used in the graph (input 1). "
            + "Set allowUnused() if this is the desired behavior.");
  }

  @Test
  void case12_badCallsAreRefused() {
    Tensor x = leaf(1);
    Tensor plain = Tensor.ones(1);
    says(plain::backward, "element 0 of tensors does not require grad and does not have a grad_fn");
    says(
        () -> Autograd.grad(List.of(x.mul(2)), List.of(plain)),
        "One of the differentiated Tensors does not require grad");
    says(() -> Autograd.grad(List.of(x.mul(2)), List.of()), "grad requires non-empty inputs.");
    says(
        () -> Autograd.grad(List.of(x, x), List.of(x), GradOptions.of().gradOutputs(plain)),
        "got 2 tensors and 1 gradients");
  }

  @Test
  void case13_closedFormsHold() {
    double x = 1.5;
    double y = -0.5;
    double z = 2;
    Tensor tx = leaf(x);
    Tensor ty = leaf(y);
    Tensor tz = leaf(z);
    tx.add(ty.mul(tz)).add(tz.pow(2).mul(4).mul(tx).div(ty)).backward();
    values(tx.grad(), 1 + 4 * z * z / y);
    values(ty.grad(), z - 4 * x * z * z / (y * y));
    values(tz.grad(), 8 * x * z / y + y);
    Tensor l = leaf(1, 2);
    l.backward(Tensor.tensor(3.0, 4));
    values(l.grad(), 3, 4);
  }

  @Test
  void case14_twoRootsMayShareANode() {
    Tensor x = leaf(2);
    Tensor q = x.mul(x);
    Autograd.backward(
        List.of(q.mul(3), q.exp()), Arrays.asList(Tensor.ones(1), null), BackwardOptions.of());
    values(x.grad(), 2 * 2 * (3 + Math.exp(4)));
  }

  @Test
  void case15_aRootWithoutHistoryIsRefused() {
    Tensor x = leaf(2);
    says(
        () -> Autograd.backward(List.of(x.mul(2), Tensor.ones(1)), null, BackwardOptions.of()),
        "element 1 of tensors does not require grad and does not have a grad_fn");
    assertNull(x.grad());
  }

  @Test
  void case16_backwardToInputsFillsOnlyThose() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor out = square(x, y).sum();
    BackwardOptions keep = BackwardOptions.of().retainGraph();
    out.backward(keep.inputs(x));
    values(x.grad(), 2 + 3, 4 + 4);
    assertNull(y.grad());
    x.setGrad(null);
    out.backward(keep.inputs(x, y));
    values(x.grad(), 5, 8);
    values(y.grad(), 7, 10);
    says(() -> keep.inputs(), "'inputs' argument to backward() cannot be empty.");
  }

  @Test
  void case16_backwardToANonLeafFillsItsGradient() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(3);
    Tensor out = h.mul(h).sum();
    out.backward(BackwardOptions.of().retainGraph().inputs(h));
    values(h.grad(), 6, 12);
    assertNull(x.grad());
    out.backward(BackwardOptions.of().inputs(h, x));
    values(h.grad(), 12, 24);
    values(x.grad(), 18, 36);
    Tensor far = leaf(1);
    x.mul(2).sum().backward(BackwardOptions.of().inputs(far));
    assertNull(far.grad());
  }

  @Test
  void case17_rootsMayDependOnEachOther() {
    Tensor x = leaf(2);
    Tensor y = x.pow(2);
    Tensor z = y.pow(3);
    Autograd.backward(List.of(y, z), List.of(Tensor.ones(1), Tensor.ones(1)), BackwardOptions.of());
    values(x.grad(), 4 + 6 * 32);
  }

  @Test
  void case18_theSameRootTwiceCountsTwice() {
    Tensor x = leaf(2);
    Tensor y = x.mul(x);
    Autograd.backward(List.of(y, y), null, BackwardOptions.of());
    values(x.grad(), 8);
    Tensor z = x.mul(x);
    values(Autograd.grad(List.of(z, z), List.of(x)).get(0), 8);
  }

  @Test
  void case19_aSecondPassErrorsOnlyWhereSomethingWasSaved() {
    Tensor x = leaf(1, 2);
    Tensor sum = x.add(1).sum();
    sum.backward();
    sum.backward();
    values(x.grad(), 2, 2);
    Tensor product = x.mul(x).sum();
    product.backward(BackwardOptions.of().retainGraph());
    product.backward();
    assertTrue(
        org.junit.jupiter.api.Assertions.assertThrows(
                AutogradException.class, () -> product.backward())
            .getMessage()
            .startsWith("Trying to backward through the graph a second time"));
  }

  @Test
  void case20_theCycleOfACreatedGraphIsCollectedSoNothingWarns() {
    WeakReference<Tensor> leaf = inACycle();
    for (int i = 0; i < 50 && leaf.get() != null; i++) System.gc();
    assertNull(leaf.get());
  }

  private static WeakReference<Tensor> inACycle() {
    Tensor x = leaf(1, 2);
    x.mul(x).sum().backward(BackwardOptions.of().createGraph());
    assertTrue(x.grad().requiresGrad());
    return new WeakReference<>(x);
  }

  @Test
  void case21_nextFunctionsWalkTheTape() {
    Tensor x = leaf(1);
    Tensor y = x.exp().add(3);
    List<Edge> next = y.gradFn().nextFunctions();
    assertEquals("ExpBackward0", next.get(0).node().name());
    assertNull(next.get(1));
    Edge sink = next.get(0).node().nextFunctions().get(0);
    assertSame(x, ((AccumulateGrad) sink.node()).variable());
  }

  @Test
  void case22_aLoneNodeAndItsShape() {
    Tensor x = Tensor.ones(5, 5).requiresGrad_();
    Tensor y = x.add(x);
    Tensor b = y.max(1).values().clone();
    Tensor seed = Tensor.ones(5);
    b.backward(seed);
    assertEquals(5 * 2, x.grad().sum().item());
    assertEquals(2, y.dim());
    assertEquals(DType.FLOAT32, y.dtype());
  }

  @Test
  void case35_aGradientByShardsEqualsTheWhole() {
    Tensor x = leaf(1, 2, 3);
    Tensor mid = x.mul(x);
    Tensor cut = mid.detach().requiresGrad_();
    for (int i = 0; i < 3; i++) cut.narrow(0, i, 1).mul(i + 1).sum().backward();
    mid.backward(cut.grad());
    values(x.grad(), 2, 8, 18);
  }

  @Test
  void case70_theUsersGradientIsNeitherKeptNorChanged() {
    Tensor x = leaf(1, 2);
    Tensor seed = Tensor.ones(2);
    Tensor y = x.add(0);
    Autograd.backward(List.of(y, y), List.of(seed, seed), BackwardOptions.of());
    values(seed, 1, 1);
    x.grad().zero_();
    values(seed, 1, 1);
    x.backward(seed);
    x.setGrad(null);
    x.backward(seed);
    x.grad().zero_();
    values(seed, 1, 1);
  }
}
