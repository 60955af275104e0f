package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In-place operations: version counters, right gradients, and an error wherever one would be wrong.
 */
class InPlaceTest {
  // ---- values and counters

  static Stream<Arguments> forms() {
    Tensor other = Tensor.tensor(2, 3);
    return Stream.of(
        pair("add_(other)", t -> t.add_(other), t -> t.add(other)),
        pair("add_(2)", t -> t.add_(2), t -> t.add(2)),
        pair("add_(other, 0.5)", t -> t.add_(other, 0.5), t -> t.add(other, 0.5)),
        pair("sub_(other)", t -> t.sub_(other), t -> t.sub(other)),
        pair("sub_(2)", t -> t.sub_(2), t -> t.sub(2)),
        pair("sub_(other, 0.5)", t -> t.sub_(other, 0.5), t -> t.sub(other, 0.5)),
        pair("mul_(other)", t -> t.mul_(other), t -> t.mul(other)),
        pair("mul_(2)", t -> t.mul_(2), t -> t.mul(2)),
        pair("div_(other)", t -> t.div_(other), t -> t.div(other)),
        pair("div_(2)", t -> t.div_(2), t -> t.div(2)),
        pair("pow_(2)", t -> t.pow_(2), t -> t.pow(2)),
        pair("neg_", Tensor::neg_, Tensor::neg),
        pair("abs_", Tensor::abs_, Tensor::abs),
        pair("exp_", Tensor::exp_, Tensor::exp),
        pair("log_", Tensor::log_, Tensor::log),
        pair("sqrt_", Tensor::sqrt_, Tensor::sqrt),
        pair("relu_", Tensor::relu_, Tensor::relu),
        pair("sigmoid_", Tensor::sigmoid_, Tensor::sigmoid),
        pair("tanh_", Tensor::tanh_, Tensor::tanh),
        pair("clamp_(0, 1)", t -> t.clamp_(0, 1), t -> t.clamp(0, 1)),
        pair("fill_(4)", t -> t.fill_(4), t -> Tensor.full(4.0, 2)),
        pair("zero_", Tensor::zero_, t -> Tensor.zeros(2)),
        pair("copy_(other)", t -> t.copy_(other), t -> other));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void everyFormWritesTheTensorItselfAndReturnsIt(
      UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
    Tensor t = Tensor.tensor(0.5, 4);
    double[] expected = plain.apply(t).toDoubles();
    assertSame(t, inPlace.apply(t));
    values(t, expected);
    assertEquals(1, t.version());
  }

  @Test
  void operandsMayShareAllTheirNumbersOrShowThemWithGaps() {
    Tensor m = Tensor.tensor(new double[][] {{1, 2}, {3, 4}});
    m.add_(m.slice(0, 0, 1, 1).expand(2, 2));
    values(m, 2, 4, 4, 6);
    m.sub_(m);
    values(m, 0, 0, 0, 0);
  }

  @Test
  void aBroadcastOperandIsTakenButTheTargetNeverGrows() {
    Tensor m = Tensor.zeros(2, 3).add_(Tensor.tensor(1, 2, 3));
    values(m, 1, 2, 3, 1, 2, 3);
    Tensor row = Tensor.ones(3);
    says(
        () -> row.add_(Tensor.ones(2, 3)),
        "add_: output with shape [3] doesn't match the broadcast shape [2, 3]");
    says(
        () -> row.copy_(Tensor.ones(2, 3)),
        "copy_: output with shape [3] doesn't match the broadcast shape of [2, 3]");
    values(row, 1, 1, 1);
    assertEquals(0, row.version());
  }

  @Test
  void aResultOfAHigherKindDoesNotFit() {
    Tensor ints = Tensor.of(new long[] {1, 2}, 2);
    says(
        () -> ints.add_(1.5),
        "add_: result type torch.float32 can't be cast to the desired output type torch.int64");
    says(
        ints::exp_,
        "exp_: result type torch.float32 can't be cast to the desired output type torch.int64");
    values(ints, 1, 2);
    values(ints.add_(1).mul_(4).sub_(2), 6, 10); // whole numbers fit
    Tensor narrow = Tensor.ones(2).add_(Tensor.of(new double[] {1, 2}, 2));
    assertEquals(DType.FLOAT32, narrow.dtype());
    values(narrow, 2, 3);
  }

  @Test
  void aTensorThatRepeatsANumberIsNotWritten() {
    Tensor repeated = Tensor.ones(1).expand(3);
    String text = assertThrows(IllegalArgumentException.class, () -> repeated.add_(1)).getMessage();
    assertTrue(text.contains("Please clone() the tensor"), text);
  }

  @Test
  void viewsAndDetachedTensorsShareTheCounterAndDataDoesNot() {
    Tensor x = Tensor.ones(2, 2);
    Tensor view = x.view(4);
    Tensor detached = x.detach();
    Tensor data = x.data();
    view.add_(1);
    detached.add_(1);
    assertEquals(2, x.version());
    assertEquals(2, view.version());
    assertEquals(2, detached.version());
    assertEquals(0, data.version());
    data.add_(1);
    assertEquals(2, x.version());
    values(x, 4, 4, 4, 4);
    assertEquals(0, x.clone().version());
  }

  // ---- leaves

  @Test
  void case57_aLeafThatRequiresAGradientIsNotWrittenWhileRecording() {
    Tensor w = leaf(1, 2);
    says(
        () -> w.sub_(w, 0.1),
        "a leaf Variable that requires grad is being used in an in-place operation. (sub_; wrap the update in "
            + "Grad.noGrad())");
    Tensor m = Tensor.ones(2, 2).requiresGrad_();
    says(
        () -> m.select(0, 0).mul_(2),
        "a view of a leaf Variable that requires grad is being used in an in-place operation. (mul_; wrap the update "
            + "in Grad.noGrad())");
    Tensor before = Tensor.ones(2, 2);
    Tensor earlierView = before.view(4);
    before.requiresGrad_();
    assertThrows(AutogradException.class, () -> earlierView.mul_(2));
  }

  @Test
  void aPlainTensorTakesOverTheHistoryOfWhatIsAddedToIt() {
    Tensor x = leaf(1, 2);
    Tensor sum = Tensor.zeros(2);
    sum.add_(x);
    sum.add_(x.mul(x));
    assertTrue(sum.requiresGrad());
    assertFalse(sum.isLeaf());
    sum.sum().backward();
    values(x.grad(), 3, 5);
    assertNull(sum.grad());
  }

  // ---- saved tensors

  @Test
  void aSavedTensorThatWasChangedIsNamed() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2);
    Tensor z = y.mul(y);
    y.add_(1);
    says(
        () -> z.sum().backward(),
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
            + "[torch.float32 [2]], which is output 0 of AddBackward0, is at version 1; expected version 0 instead. "
            + "MulBackward0 needs the old values: use the out-of-place form, or change a clone()");
  }

  @Test
  void aSavedLeafThatWasChangedIsFound() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x);
    x.detach().add_(1);
    modified(() -> y.sum().backward());
  }

  @Test
  void aSavedOutputThatWasChangedIsFoundThroughDetachAndViews() {
    for (Function<Tensor, Tensor> alias :
        List.<Function<Tensor, Tensor>>of(Tensor::detach, t -> t.detach().view(-1))) {
      Tensor x = leaf(1, 2);
      Tensor y = x.exp();
      alias.apply(y).zero_();
      modified(() -> y.sum().backward());
    }
  }

  @Test
  void whatWasNotSavedMayBeChanged() {
    Tensor x = leaf(1, 2);
    Tensor y = x.add(1);
    y.add_(1);
    Tensor z = y.exp();
    y.add_(5); // exp keeps its output, not y
    z.sum().backward();
    values(x.grad(), Math.exp(3), Math.exp(4));
  }

  @Test
  void dataIsTheWayAroundTheCheck() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x);
    x.data().zero_();
    y.sum().backward();
    values(x.grad(), 0, 0); // PyTorch's known trap: wrong, and asked for
  }

  @Test
  void dataGivenBetweenForwardAndBackwardIsFound() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x);
    x.setData(Tensor.tensor(5.0, 6));
    says(
        () -> y.sum().backward(),
        "one of the variables needed for gradient computation has been given other data by setData: "
            + "[torch.float32 [2]]. MulBackward0 needs the old values: call backward() before setData");
    x.mul(x).sum().backward();
    values(x.grad(), 10, 12);
  }

  // ---- gradients through in-place operations

  static Stream<Arguments> writes() {
    Tensor w = Tensor.of(new double[] {0.7, -1.3}, 2);
    return Stream.of(
        pair("mul_(w).add_(1)", t -> t.mul_(w).add_(1), t -> t.mul(w).add(1)),
        pair("exp_()", t -> t.exp_(), t -> t.exp()),
        pair("sin_().mul_(w).exp_()", t -> t.sin_().mul_(w).exp_(), t -> t.sin().mul(w).exp()),
        pair(
            "silu_().add_(2).mul_(3)", t -> t.silu_().add_(2).mul_(3), t -> t.silu().add(2).mul(3)),
        pair("sin_().sigmoid_()", t -> t.sin_().sigmoid_(), t -> t.sin().sigmoid()),
        pair("abs_().log_().cos_()", t -> t.abs_().log_().cos_(), t -> t.abs().log().cos()),
        pair(
            "pow_(3).neg_().sub_(w, 2)",
            t -> t.pow_(3).neg_().sub_(w, 2),
            t -> t.pow(3).neg().sub(w, 2)),
        pair(
            "div_(w).clamp_(-0.5, 0.5)",
            t -> t.div_(w).clamp_(-0.5, 0.5),
            t -> t.div(w).clamp(-0.5, 0.5)),
        pair("add_(t).sub_(t, 3)", t -> t.add_(t).sub_(t, 3), t -> t.add(t).mul(-2)),
        pair("div_(t.exp())", t -> t.div_(t.exp()), t -> t.div(t.exp())),
        pair("zero_", Tensor::zero_, t -> t.mul(0)));
  }

  private static Arguments pair(
      String name, UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
    return argumentSet(name, inPlace, plain);
  }

  @ParameterizedTest
  @MethodSource("writes")
  void writesOnANonLeafGiveTheGradientsOfTheOutOfPlaceForms(
      UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
    same(inPlace, plain);
  }

  static Stream<Arguments> writesThatAreNeeded() {
    Tensor w = Tensor.of(new double[] {0.7, -1.3}, 2);
    return Stream.of(
        pair("add_(t.mul(t))", t -> t.add_(t.mul(t)), t -> t.add(t.mul(t))),
        pair("mul_(t)", t -> t.mul_(t), t -> t.mul(t)),
        pair("exp_().mul_(w)", t -> t.exp_().mul_(w), t -> t.exp().mul(w)),
        pair("relu_().add_(2)", t -> t.relu_().add_(2), t -> t.relu().add(2)),
        pair("tanh_().sigmoid_()", t -> t.tanh_().sigmoid_(), t -> t.tanh().sigmoid()),
        pair("abs_().sqrt_().log_()", t -> t.abs_().sqrt_().log_(), t -> t.abs().sqrt().log()));
  }

  @ParameterizedTest
  @MethodSource("writesThatAreNeeded")
  void whatAWriteNeedsAndALaterOneChangesIsAnError(
      UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
    modified(() -> same(inPlace, plain));
  }

  private static void same(UnaryOperator<Tensor> inPlace, UnaryOperator<Tensor> plain) {
    Tensor a = Tensor.of(new double[] {0.4, -0.9}, 2).requiresGrad_();
    Tensor b = Tensor.of(new double[] {0.4, -0.9}, 2).requiresGrad_();
    Tensor written = inPlace.apply(a.mul(1.5));
    Tensor fresh = plain.apply(b.mul(1.5));
    values(written, fresh.toDoubles());
    Tensor seed = Tensor.of(new double[] {2, -3}, 2);
    Tensor ga = grad(written, a, seed);
    Tensor gb = grad(fresh, b, seed);
    values(ga, gb.toDoubles());
    values(second(ga, a), second(gb, b).toDoubles());
  }

  private static Tensor grad(Tensor of, Tensor by, Tensor seed) {
    return Autograd.grad(
            List.of(of), List.of(by), GradOptions.of().gradOutputs(List.of(seed)).createGraph())
        .get(0);
  }

  private static Tensor second(Tensor g, Tensor by) {
    if (!g.requiresGrad()) return Tensor.zeros(DType.FLOAT64, 2);
    List<Tensor> out = Autograd.grad(List.of(g.sum()), List.of(by), GradOptions.of().allowUnused());
    return out.get(0) == null ? Tensor.zeros(DType.FLOAT64, 2) : out.get(0);
  }

  @Test
  void copyGivesTheGradientToTheSourceAndNoneToTheOldValue() {
    Tensor x = leaf(1, 2);
    Tensor source = leaf(3);
    Tensor y = x.mul(Double.POSITIVE_INFINITY); // an infinite gradient must not become NaN
    y.copy_(source);
    values(y, 3, 3);
    y.mul(Tensor.tensor(4, 5)).sum().backward();
    values(source.grad(), 9);
    assertTrue(x.grad() != null && source.gradFn() == null);
  }

  @Test
  void theOtherOperandGetsItsGradientFromTheOldValue() {
    Tensor x = leaf(1, 2);
    Tensor w = leaf(3, 4);
    Tensor y = x.mul(10);
    y.mul_(w);
    y.sum().backward();
    values(w.grad(), 10, 20);
    values(x.grad(), 30, 40);
  }

  // ---- aliases

  @Test
  void aPlainWriteThroughAViewIsNoChangeOfHistory() {
    Tensor buffer = Tensor.zeros(2);
    buffer.select(0, 0).fill_(5);
    values(buffer.mul(2), 10, 0);
  }

  @Test
  void detachedAliasesAndTheirViewsStayUsable() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2);
    Tensor d = y.detach();
    Tensor view = d.view(2, 1);
    y.mul_(3);
    values(d.add(0), 6, 12);
    values(view.add(0), 6, 12);
    values(d.view(2, 1).add(0), 6, 12);
    y.sum().backward();
    values(x.grad(), 6, 6);
  }

  @Test
  void aWriteThroughADetachedAliasLeavesTheHistoryOfTheRest() {
    Tensor x = leaf(1, 2);
    Tensor w = leaf(5, 5);
    x.detach().mul_(w); // as PyTorch: x is a leaf still, with new numbers
    values(x, 5, 10);
    x.mul(2).sum().backward();
    values(x.grad(), 2, 2);
    assertNull(w.grad());
  }

  private static void modified(Executable call) {
    String text = assertThrows(AutogradException.class, call).getMessage();
    assertTrue(
        text.startsWith(
            "one of the variables needed for gradient computation has been modified by an inplace operation: ["),
        text);
  }

  /* As PyTorch: it has no derivative for these and looks at nothing. */
  @Test
  void logicalWritesLeaveTheHistoryAsItIs() {
    Tensor leaf = leaf(0, 2);
    leaf.logicalNot_();
    assertTrue(leaf.requiresGrad() && leaf.isLeaf());
    values(leaf, 1, 0);
    Tensor y = leaf.mul(3);
    y.logicalAnd_(Tensor.tensor(1, 1));
    assertEquals("MulBackward0", y.gradFn().name());
    y.sum().backward();
    values(leaf.grad(), 3, 3);
  }
}
