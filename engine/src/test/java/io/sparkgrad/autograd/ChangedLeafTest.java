package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Leaves that are no longer, when backward comes, what they were in forward. The answers are
 * PyTorch 1.13's.
 */
class ChangedLeafTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void aLeafThatStoppedGetsNothing_othersDo() {
    Tensor x = leaf(1, 1);
    Tensor w = leaf(1, 1);
    Tensor y = x.mul(w).sum();
    x.requiresGrad_(false);
    y.backward();
    assertNull(x.grad());
    values(w.grad(), 1, 1);
  }

  @Test
  void oneThatStartedAgainGetsIts() {
    Tensor x = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    x.requiresGrad_(false);
    x.mul_(2);
    x.requiresGrad_(true);
    y.backward();
    values(x.grad(), 2, 2);
  }

  @Test
  void whatItHadStays() {
    Tensor x = leaf(1, 1);
    x.mul(2).sum().backward();
    Tensor grad = x.grad();
    x.requiresGrad_(false);
    assertSame(grad, x.grad());
    x.detach_();
    assertSame(grad, x.grad());
  }

  @Test
  void onceStopped_itsTensorHooksRest_itsNodesRun() {
    Tensor x = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    Node node = x.gradientEdge().node();
    x.registerHook(
        g -> {
          log.add("tensor");
          return null;
        });
    x.registerPostAccumulateGradHook(t -> log.add("accumulated"));
    node.registerHook(
        (in, out) -> {
          log.add("node " + in.length + " " + out[0].numel());
          return null;
        });
    x.requiresGrad_(false);
    y.backward();
    assertEquals(List.of("node 0 2"), log);
    assertNull(x.grad());
  }

  @Test
  void askingForItsGradientIsAnError() {
    Tensor x = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    x.requiresGrad_(false);
    String text = "One of the differentiated Tensors does not require grad";
    says(() -> Autograd.grad(List.of(y), List.of(x)), text);
    says(() -> Autograd.grad(List.of(y), List.of(x), GradOptions.of().allowUnused(true)), text);
    says(() -> y.backward(BackwardOptions.of().inputs(x)), text);
    says(x::retainGrad, "can't retain_grad on Tensor that has requires_grad=False");
    says(
        () -> x.registerHook(g -> null),
        "cannot register a hook on a tensor that doesn't require gradient");
    assertTrue(y.requiresGrad());
  }

  @Test
  void aLeafThatWasDetachedInPlaceGetsNothing() {
    Tensor x = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    x.detach_();
    y.backward();
    assertNull(x.grad());
    assertFalse(x.requiresGrad());
  }

  @Test
  void detachingInTheMiddle_cutsNothingThatWasRecorded() {
    Tensor x = leaf(1, 1);
    Tensor m = x.mul(3);
    m.retainGrad();
    m.registerHook(
        g -> {
          log.add("hook");
          return null;
        });
    Tensor y = m.mul(2).sum();
    m.detach_();
    assertTrue(m.isLeaf());
    assertFalse(m.requiresGrad());
    y.backward();
    values(x.grad(), 6, 6);
    values(m.grad(), 2, 2);
    assertEquals(List.of("hook"), log);
  }

  @Test
  void aLeafThatBecamePartOfTheGraphIsAnError() {
    Tensor x = leaf(1, 1);
    Tensor w = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    x.requiresGrad_(false);
    x.mul_(w);
    assertFalse(x.isLeaf());
    says(() -> x.sum().add(y).backward(), "leaf variable has been moved into the graph interior");
  }

  // ---- setData

  @Test
  void otherDataKeepsGradientHistoryAndCounter() {
    Tensor x = leaf(1, 1);
    x.mul(2).sum().backward();
    try (var quiet = Grad.noGrad()) {
      x.add_(1);
    }
    Tensor data = Tensor.ones(2);
    data.add_(1).add_(1);
    x.setData(data);
    assertEquals(1, x.version());
    data.add_(1);
    values(x, 4, 4);
    assertEquals(1, x.version());
    values(x.grad(), 2, 2);
    Tensor m = x.mul(2);
    m.setData(Tensor.zeros(2));
    assertEquals("MulBackward0", m.gradFn().name());
    m.sum().backward();
    values(x.grad(), 4, 4);
  }

  @Test
  void otherDataMayBeOfAnotherShapeAndType() {
    Tensor x = leaf(1, 1);
    x.mul(2).sum().backward();
    x.registerHook(
        g -> {
          log.add(g.dtype() + " " + g.numel());
          return null;
        });
    x.setData(Tensor.full(5, DType.FLOAT64, 3));
    assertEquals(DType.FLOAT64, x.dtype());
    assertEquals(List.of(3), List.of(x.size(0)));
    values(x.grad(), 2, 2); // until it is forgotten
    x.setGrad(null);
    x.mul(x).sum().backward();
    values(x.grad(), 10, 10, 10);
    assertEquals(DType.FLOAT64, x.grad().dtype());
    assertEquals(List.of("torch.float64 3"), log);
    Tensor plain = Tensor.ones(2);
    plain.setData(Tensor.tensor(1L, 2, 3));
    assertEquals(DType.INT64, plain.dtype());
    says(
        () -> x.setData(Tensor.tensor(1L, 2)),
        "data set to a tensor that requires gradients must be floating point or complex dtype, got torch.int64");
  }

  /* PyTorch leaves a gradient of the old shape behind. */
  @Test
  void otherDataBetweenForwardAndBackward() {
    Tensor x = leaf(1, 1);
    Tensor y = x.mul(2).sum();
    x.setData(Tensor.tensor(7.0, 8));
    y.backward();
    values(x.grad(), 2, 2);
    Tensor z = x.mul(2).sum();
    x.setData(Tensor.ones(3));
    says(
        z::backward,
        "setData gave a leaf other data since it was used: the gradient is of torch.float32 [2], the leaf is "
            + "torch.float32 [3]; call backward() first");
  }

  @Test
  void aViewThatGetsOtherDataLeavesItsBaseAlone() {
    Tensor x = Tensor.ones(2);
    Tensor v = x.view(2);
    v.setData(Tensor.zeros(3));
    values(x, 1, 1);
    values(v, 0, 0, 0);
  }
}
