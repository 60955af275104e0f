package io.sparkgrad.tutorials;

import static io.sparkgrad.tutorials.Cells.prints;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** PyTorch's tutorial of the time of Variable (0.1), statement by statement. */
class VariableTutorialTest {
  private static final UnaryOperator<Tensor> DATA = Tensor::data;

  @Test
  void case62_aTensorIsWhatAVariableWas() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    assertSame(Tensor.class, x.getClass());
    assertTrue(x.requiresGrad());
  }

  @Test
  void case63_itPrintsAsATensor() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    prints("tensor([[3., 3.],\n        [3., 3.]], grad_fn=<AddBackward0>)", x.add(2));
  }

  @Test
  void case64_gradFnIsWhatCreatorWas() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    assertEquals("AddBackward0", x.add(2).gradFn().name());
    assertNull(x.gradFn());
  }

  @Test
  void case65_backwardMeansBackwardOfOne() {
    Tensor a = Tensor.ones(2, 2).requiresGrad_();
    Tensor b = Tensor.ones(2, 2).requiresGrad_();
    a.add(2).pow(2).mul(3).mean().backward();
    b.add(2).pow(2).mul(3).mean().backward(Tensor.scalar(1));
    assertArrayEquals(a.grad().toFloats(), b.grad().toFloats());
  }

  @Test
  void case66_theGradient() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = x.add(2);
    y.mul(y).mul(3).mean().backward();
    prints("tensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])", x.grad());
  }

  /** Doubles until the norm is 1000. */
  private static Tensor doubled(Tensor x, UnaryOperator<Tensor> unrecorded) {
    Tensor y = x.mul(2);
    while (unrecorded.apply(y).norm().item() < 1000) y = y.mul(2);
    return y;
  }

  private static int nodes(Tensor y) {
    int n = 0;
    for (Node node = y.gradFn(); node != null; n++) {
      var next = node.nextFunctions();
      node = next.isEmpty() || next.get(0) == null ? null : next.get(0).node();
    }
    return n;
  }

  @Test
  void case67_javasControlFlowIsRecorded() {
    Tensor x = Tensor.randn(3).requiresGrad_();
    Tensor y = doubled(x, DATA);
    int doublings = nodes(y) - 1; // and the leaf
    y.backward(Tensor.ones(3));
    double slope = Math.pow(2, doublings);
    assertArrayEquals(new double[] {slope, slope, slope}, x.grad().toDoubles());
    assertTrue(y.detach().norm().item() >= 1000);
  }

  @Test
  void case68_theTutorialsNumbers() {
    Tensor x = Tensor.tensor(-0.656781, -1.396318, -1.388132).requiresGrad_();
    Tensor y = doubled(x, DATA);
    assertEquals(9, nodes(y) - 1);
    prints("tensor([-336.2719, -714.9148, -710.7236], grad_fn=<MulBackward0>)", y);
    y.backward(Tensor.tensor(0.1, 1.0, 0.0001));
    prints("tensor([5.1200e+01, 5.1200e+02, 5.1200e-02])", x.grad());
    Tensor other = doubled(Tensor.tensor(-0.3, 0.5, 1.2).requiresGrad_(), DATA);
    assertEquals(10, nodes(other) - 1);
    prints("tensor([-307.2000,  512.0000, 1228.8000], grad_fn=<MulBackward0>)", other);
  }

  @Test
  void case69_neitherDataNorDetachIsRecorded() {
    Tensor x = Tensor.tensor(-0.3, 0.5, 1.2).requiresGrad_();
    assertFalse(doubled(x, DATA).data().norm().requiresGrad());
    assertEquals(nodes(doubled(x, DATA)), nodes(doubled(x, Tensor::detach)));
  }

  @Test
  void case70_eachCallMayBuildAnotherGraph() {
    Tensor small = doubled(Tensor.tensor(0.01, 0.01).requiresGrad_(), DATA);
    Tensor large = doubled(Tensor.tensor(100.0, 1).requiresGrad_(), DATA);
    assertNotEquals(nodes(small), nodes(large));
  }

  /* "The autograd package provides automatic differentiation for all operations on Tensors." */
  @Test
  void case71_everyOperationHasADerivativeOrIsSaidToHaveNone() throws IOException {
    List<String> table = Files.readAllLines(Path.of("../examples/docs/ops.md"));
    for (Op op : Ops.ALL) {
      String start = "| " + op.getClass().getSimpleName() + " (`";
      String row = table.stream().filter(l -> l.startsWith(start)).findFirst().orElse("");
      assertFalse(row.isEmpty(), start);
      assertEquals(op.isDifferentiable(), !row.contains("| not differentiable |"), row);
    }
  }
}
