package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is recorded: leaves, gradFn and its edges, and which tensors a node keeps. */
class TapeTest {
  @Test
  void aTensorOfTheUserIsALeafWithoutHistory() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    assertTrue(x.isLeaf());
    assertTrue(x.requiresGrad());
    assertNull(x.grad());
    assertNull(x.gradFn());
  }

  @Test
  void whatIsComputedFromItIsNot() {
    Tensor y = Tensor.ones(2, 2).requiresGrad_().add(2);
    values(y, 3, 3, 3, 3);
    assertFalse(y.isLeaf());
    assertTrue(y.requiresGrad());
    assertEquals("AddBackward0", y.gradFn().name());
  }

  @Test
  void aScalarOperandHasANullEdge() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    List<Edge> next = x.add(2).gradFn().nextFunctions();
    assertEquals(2, next.size());
    assertEquals("(AccumulateGrad, 0)", next.get(0).toString());
    assertSame(x, ((AccumulateGrad) next.get(0).node()).variable());
    assertNull(next.get(1));
  }

  @Test
  void aLeafHasOneAccumulatorHoweverOftenItIsUsed() {
    Tensor x = leaf(1);
    assertSame(next(x.add(1)), next(x.mul(2)));
  }

  private static Node next(Tensor t) {
    return t.gradFn().nextFunctions().get(0).node();
  }

  static Stream<Arguments> nodes() {
    return Stream.of(
        node("SubBackward0", x -> x.sub(1)),
        node("MulBackward0", x -> x.mul(x)),
        node("DivBackward0", x -> x.div(2)),
        node("NegBackward0", x -> x.neg()),
        node("PowBackward0", x -> x.pow(2)),
        node("PowBackward1", x -> x.pow(x)),
        node("MmBackward0", x -> x.mm(x)),
        node("ClampMinBackward0", x -> x.clampMin(0)),
        node("ClampBackward1", x -> x.clamp(0, 1)),
        node("ReluBackward0", x -> x.relu()),
        node("SumBackward0", x -> x.sum()),
        node("SumBackward1", x -> x.sum(0)),
        node("MeanBackward0", x -> x.mean()),
        node("ViewBackward0", x -> x.view(4)),
        node("CloneBackward0", x -> x.clone()),
        node("LogSoftmaxBackward0", x -> x.logSoftmax(1)));
  }

  private static Arguments node(String name, UnaryOperator<Tensor> method) {
    return argumentSet(name, name, method);
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void nodesHavePyTorchsNames(String name, UnaryOperator<Tensor> method) {
    Tensor x = Tensor.rand(2, 2).requiresGrad_();
    assertEquals(name, method.apply(x).gradFn().name());
  }

  @Test
  void anyInputThatRequiresAGradientMakesTheOutputRequireOne() {
    Tensor x = leaf(1);
    Tensor plain = Tensor.ones(1);
    assertTrue(plain.add(x).requiresGrad());
    assertTrue(x.add(plain).requiresGrad());
    assertFalse(plain.add(plain).requiresGrad());
    assertNull(plain.add(plain).gradFn());
  }

  @Test
  void requiringAGradientLaterRecordsFromThenOn() {
    Tensor a = Tensor.rand(2, 2).mul(3).div(Tensor.full(2.0, 2, 2));
    assertFalse(a.requiresGrad());
    assertSame(a, a.requiresGrad_(true));
    assertTrue(a.requiresGrad());
    assertTrue(a.isLeaf());
    assertEquals("SumBackward0", a.mul(a).sum().gradFn().name());
    assertFalse(a.requiresGrad_(false).requiresGrad());
  }

  @Test
  void onlyALeafCanStopRequiringAGradient() {
    Tensor y = leaf(1).mul(2);
    says(
        () -> y.requiresGrad_(false),
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
            + "subgraph that doesn't require differentiation use varNoGrad = var.detach().");
    assertSame(y, y.requiresGrad_());
  }

  @Test
  void onlyFloatingNumbersHaveGradients() {
    for (DType d : List.of(DType.BOOL, DType.INT32, DType.INT64)) {
      says(
          () -> Tensor.zeros(d, 2).requiresGrad_(),
          "only Tensors of floating point dtype can require gradients, this one is " + d);
      assertFalse(leaf(1, 2).to(d).requiresGrad());
    }
    assertFalse(leaf(1, 2).gt(1).requiresGrad());
    assertFalse(leaf(1, 2).argmax(0).requiresGrad());
    Tensor ints = Tensor.of(new int[] {1, 2, 3}, 3).add(Tensor.of(new int[] {1, 1, 1}, 3));
    assertEquals(DType.INT32, ints.dtype());
    assertEquals("torch.int32", ints.dtype().toString());
    values(ints, 2, 3, 4);
    assertNull(ints.grad());
    assertNull(ints.gradFn());
  }

  @Test
  void anIntTensorTakesValuesButNoHistory() {
    Tensor ints = Tensor.zeros(DType.INT64, 2);
    ints.copy_(leaf(1.5, 2.5));
    values(ints, 1, 2);
    assertFalse(ints.requiresGrad());
    assertTrue(ints.isLeaf());
  }

  @Test
  void aConstantFactorDoesNotSaveTheVariable() {
    Tensor x = leaf(1, 2);
    Tensor y = x.add(0);
    Tensor out = y.mul(3);
    y.detach().copy_(Tensor.tensor(7, 7)); // would be an error if the product had kept y
    out.sum().backward();
    values(x.grad(), 3, 3);
  }

  @Test
  void aFrozenWeightDoesNotMakeItsInputBeSaved() {
    Tensor x = leaf(1, 2).add(0);
    Tensor frozen = Tensor.tensor(new double[][] {{1}, {1}});
    Tensor y = x.reshape(1, 2).mm(frozen);
    x.detach().zero_(); // only the gradient of the frozen side would need it
    y.sum().backward();
  }

  @Test
  void additionKeepsNothingAndMultiplicationDoes() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2);
    Tensor sum = y.add(y);
    y.detach().zero_();
    sum.sum().backward();
    values(x.grad(), 4, 4);
  }

  @Test
  void detachIsALeafOverTheSameNumbers() {
    Tensor y = leaf(1, 2).mul(2);
    Tensor d = y.detach();
    assertTrue(d.isLeaf());
    assertFalse(d.requiresGrad());
    assertNull(d.gradFn());
    assertTrue(d.storage().sharesWith(y.storage()));
    d.zero_();
    values(y, 0, 0);
  }

  @Test
  void aGradientCanBeReplacedByOneOfItsKind() {
    Tensor x = leaf(1, 2);
    Tensor g = Tensor.tensor(3.0, 4);
    x.setGrad(g);
    assertSame(g, x.grad());
    x.mul(2).sum().backward();
    assertSame(g, x.grad());
    values(g, 5, 6);
    x.setGrad(null);
    assertNull(x.grad());
    says(
        () -> x.setGrad(Tensor.ones(3)),
        "assigned grad has data of a different size: [3] for a tensor of shape [2]");
    says(
        () -> x.setGrad(Tensor.zeros(DType.FLOAT64, 2)),
        "assigned grad has data of a different type: torch.float64 for a tensor of torch.float32");
    says(() -> x.setGrad(x), "can't assign a Tensor as its own grad");
  }

  @Test
  void aNodePrintsItsNameAndIdentity() {
    assertTrue(leaf(1).mul(2).gradFn().toString().matches("<MulBackward0 object at 0x[0-9a-f]+>"));
    assertNotNull(leaf(1).gradientEdge());
    assertNull(Tensor.ones(1).gradientEdge());
  }
}
