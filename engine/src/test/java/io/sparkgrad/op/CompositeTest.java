package io.sparkgrad.op;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Anomaly;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.autograd.Checkpoint;
import io.sparkgrad.autograd.Edge;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.autograd.Profiler;
import io.sparkgrad.autograd.SavedTensorHooks;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.op.reduce.ReduceMethods;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Methods made of several operations are one node, whose derivative runs what lies inside. */
class CompositeTest {
  private final MakeTensor make = new MakeTensor(31);

  private Tensor leaf(int... shape) {
    return make.any(shape).requiresGrad_();
  }

  private static Tensor glue(Tensor a, Tensor b) {
    return Composite.of("glue", () -> a.mul(b).exp().add(a.mul(a)), a, b);
  }

  private static List<String> next(Tensor t) {
    List<String> names = new ArrayList<>();
    for (Edge e : t.gradFn().nextFunctions()) names.add(e == null ? null : e.node().name());
    return names;
  }

  @Test
  void isOneNodeWithTheEdgesOfItsInputs() {
    Tensor a = leaf(3);
    Tensor b = leaf(3).exp();
    Tensor y = glue(a, b);
    assertEquals("GlueBackward0", y.gradFn().name());
    assertEquals(List.of("AccumulateGrad", "ExpBackward0"), next(y));
    assertSame(b.gradFn(), y.gradFn().nextFunctions().get(1).node());
  }

  @Test
  void hasTheDerivativesOfWhatLiesInside() {
    GradCheck.gradcheck(in -> List.of(glue(in.get(0), in.get(1))), leaf(2, 3), leaf(3));
    GradCheck.gradgradcheck(in -> List.of(glue(in.get(0), in.get(1))), leaf(2, 3), leaf(3));
  }

  @Test
  void lieInOneAnother() {
    GradCheck.gradgradcheck(
        in ->
            List.of(
                Composite.of(
                    "outer",
                    () -> glue(in.get(0), in.get(1).sin()).mul(in.get(1)),
                    in.get(0),
                    in.get(1))),
        leaf(3),
        leaf(3));
  }

  @Test
  void anInputMayComeTwiceOrNeedNoGradient() {
    Tensor a = leaf(3);
    GradCheck.gradgradcheck(in -> List.of(glue(in.get(0), in.get(0))), a);
    Tensor constant = make.any(3);
    Tensor y = glue(a, constant);
    assertNull(y.gradFn().nextFunctions().get(1));
    GradCheck.gradcheck(in -> List.of(glue(in.get(0), constant)), a);
  }

  @Test
  void severalResultsShareTheNode() {
    Tensor x = leaf(3, 4);
    ReduceMethods.VarMean both = x.varMean(new int[] {1}, false, 1);
    assertSame(both.var().gradFn(), both.mean().gradFn());
    assertEquals(1, both.mean().gradientEdge().index());
    GradCheck.gradgradcheck(
        in -> {
          ReduceMethods.VarMean out = in.get(0).varMean(new int[] {1}, false, 1);
          return List.of(out.var(), out.mean());
        },
        x);
  }

  @Test
  void aSecondPassNeedsTheGraphKept() {
    Tensor a = leaf(3);
    Tensor y = glue(a, a).sum();
    y.backward(BackwardOptions.of().retainGraph());
    y.backward();
    assertThrows(AutogradException.class, y::backward);
  }

  /* The graph of the gradient leads to nodes inside, by what they saved, and to the node itself by its result. */
  @Test
  void aGradientsOwnBackwardMayFreeWhatLiesInside() {
    Tensor a = leaf(3);
    Tensor b = leaf(3);
    Tensor y = Composite.of("deep", () -> a.mul(b).exp().sigmoid().mul(a), a, b);
    Tensor g = Autograd.grad(y.sum(), a, GradOptions.of().createGraph()).mul(y);
    g.sum().backward();
    double[] first = b.grad().toDoubles();
    b.setGrad(null);
    Tensor z = a.mul(b).exp().sigmoid().mul(a);
    Autograd.grad(z.sum(), a, GradOptions.of().createGraph()).mul(z).sum().backward();
    assertArrayEquals(first, b.grad().toDoubles(), 1e-14);
  }

  @Test
  void aWriteToAnInputThatIsNeededIsFound() {
    Tensor a = leaf(3).clone();
    Tensor y = glue(a, a);
    a.add_(1);
    AutogradException e = assertThrows(AutogradException.class, () -> y.sum().backward());
    assertTrue(e.getMessage().contains("modified by an inplace operation"), e.getMessage());
  }

  @Test
  void hooksOfTheNodeSeeGradientsOfMethodAndInputs() {
    Tensor a = leaf(3);
    Tensor b = leaf(3);
    Tensor y = glue(a, b);
    List<Integer> seen = new ArrayList<>();
    y.gradFn()
        .registerHook(
            (inputs, outputs) -> {
              seen.add(inputs.length);
              seen.add(outputs.length);
              return null;
            });
    y.sum().backward();
    assertEquals(List.of(2, 1), seen);
  }

  @Test
  void aNanIsReportedOfTheMethod() {
    try (var anomaly = Anomaly.detect()) {
      Tensor a = Tensor.tensor(-1.0).requiresGrad_();
      Tensor y = Composite.of("root", () -> a.sqrt().mul(2), a);
      AutogradException e = assertThrows(AutogradException.class, () -> y.sum().backward());
      assertTrue(e.getMessage().contains("'RootBackward0' returned nan"), e.getMessage());
      assertTrue(e.getCause().getMessage().contains("RootBackward0"), e.getCause().getMessage());
    }
  }

  @Test
  void savedTensorsMayBePackedOrComputedAgain() {
    Tensor a = leaf(3);
    Tensor b = leaf(3);
    glue(a, b).sum().backward();
    double[] expected = a.grad().toDoubles();
    a.setGrad(null);
    try (var hooks = SavedTensorHooks.saveOnCpu()) {
      glue(a, b).sum().backward();
    }
    assertArrayEquals(expected, a.grad().toDoubles());
    a.setGrad(null);
    Checkpoint.checkpoint(in -> glue(in[0], in[1]), a, b).sum().backward();
    assertArrayEquals(expected, a.grad().toDoubles());
  }

  @Test
  void theProfilerHasALineForTheMethod() {
    Profiler p = Profiler.start();
    try (p) {
      glue(leaf(3), leaf(3)).sum().backward();
    }
    List<String> names = p.events().stream().map(Profiler.Event::name).toList();
    assertTrue(names.contains("glue") && names.contains("GlueBackward0"), names.toString());
  }

  @Test
  void theResultIsNoViewOfWhatLiesInside() {
    Tensor y = Composite.of("flat", () -> leaf(2, 3).exp().view(6), leaf(1));
    assertEquals(6, y.detach_().numel());
    Tensor x = make.any(2, 3);
    Tensor z = Composite.of("flat", () -> x.exp().view(6), x);
    assertEquals(6, z.detach_().numel());
  }

  @Test
  void theInPlaceFormTakesOverTheHistory() {
    Tensor x = leaf(3);
    Tensor mask = Tensor.of(new boolean[] {true, false, true}, 3);
    Tensor y = x.clone();
    assertSame(y, y.maskedFill_(mask, 7));
    assertEquals("MaskedFillBackward0", y.gradFn().name());
    assertEquals(List.of("CloneBackward0"), next(y));
    y.sum().backward();
    assertArrayEquals(new double[] {0, 1, 0}, x.grad().toDoubles());
    assertThrows(AutogradException.class, () -> x.maskedFill_(mask, 7));
    try (var quiet = Grad.noGrad()) {
      x.maskedFill_(mask, 7);
    }
    assertEquals(7, x.at(0));
  }

  static Stream<Arguments> singleNodes() {
    Tensor target = new MakeTensor(31).any(4);
    return Stream.of(
        derivative("SigmoidBackwardBackward0", Tensor::sigmoid),
        derivative("TanhBackwardBackward0", Tensor::tanh),
        derivative("ThresholdBackwardBackward0", Tensor::relu),
        derivative("HardswishBackwardBackward0", Tensor::hardswish),
        derivative("HardtanhBackwardBackward0", Tensor::relu6),
        derivative("EluBackwardBackward0", Tensor::celu),
        derivative("LeakyReluBackwardBackward0", Tensor::leakyRelu),
        derivative("GeluBackwardBackward0", Tensor::gelu),
        derivative("SoftplusBackwardBackward0", Tensor::softplus),
        derivative("LogSigmoidBackwardBackward0", Tensor::logsigmoid),
        derivative("HardshrinkBackwardBackward0", t -> t.hardshrink(0.1)),
        derivative("SoftshrinkBackwardBackward0", t -> t.softshrink(0.1)),
        derivative("SoftmaxBackwardDataBackward0", t -> t.softmax(0)),
        derivative("LogSoftmaxBackwardDataBackward0", t -> t.logSoftmax(0)),
        derivative("MseLossBackwardBackward0", t -> t.mseLoss(target, Reduction.MEAN)));
  }

  private static Arguments derivative(String name, UnaryOperator<Tensor> method) {
    return argumentSet(name, name, method);
  }

  /* Names of the oracle: grad(f(x), x, createGraph).gradFn in PyTorch 1.13. */
  @ParameterizedTest
  @MethodSource("singleNodes")
  void aDerivativeThatIsOneOperationInPyTorchIsOneNode(String name, UnaryOperator<Tensor> method) {
    assertEquals(name, derivativeNode(method, leaf(4), true));
    assertEquals(name, derivativeNode(method, leaf(4), false));
  }

  private String derivativeNode(UnaryOperator<Tensor> method, Tensor x, boolean ofSeed) {
    Tensor y = method.apply(x);
    Tensor seed = make.any(y.shape()).requiresGrad_(ofSeed);
    GradOptions options = GradOptions.of().createGraph().gradOutputs(List.of(seed));
    return Autograd.grad(List.of(y), List.of(x), options).get(0).gradFn().name();
  }

  static Stream<Arguments> lastNodes() {
    Tensor target = Tensor.zeros(DType.INT64, 2, 4);
    return Stream.of(
        derivative("SliceBackwardBackward0", t -> t.slice(1, 0, 2, 1)),
        derivative("SliceBackwardBackward0", t -> t.narrow(0, 1, 1)),
        derivative("SelectBackwardBackward0", t -> t.select(0, 0)),
        derivative("DiagonalBackwardBackward0", t -> t.diagonal(0, 0, 1)),
        derivative("SqueezeBackward1", t -> t.unsqueeze(1)),
        derivative("FlipBackward0", t -> t.cumsum(1)),
        derivative("ScatterBackward0", t -> t.sort(1).values()),
        derivative("ScatterBackward0", t -> t.sort(1, true).values()),
        derivative("ScatterBackward0", t -> t.max(1, false).values()),
        derivative("MaskedFillBackward1", t -> t.median()),
        derivative("MulBackward0", t -> t.amax(new int[] {1}, false)),
        derivative("MulBackward0", t -> t.amin()),
        derivative("MulBackward1", t -> t.exp2()),
        derivative("ReshapeAliasBackward0", t -> t.nllLoss(target, Reduction.NONE)),
        derivative("ReshapeAliasBackward0", t -> t.nllLoss(target, Reduction.MEAN)));
  }

  /* As above. */
  @ParameterizedTest
  @MethodSource("lastNodes")
  void theLastNodeOfADerivativeIsPyTorchs(String name, UnaryOperator<Tensor> method) {
    assertEquals(name, derivativeNode(method, leaf(2, 3, 4), true));
  }

  @Test
  void theDerivativeOfSqueezeIsUnsqueeze() {
    for (UnaryOperator<Tensor> m :
        List.<UnaryOperator<Tensor>>of(Tensor::squeeze, t -> t.squeeze(1)))
      assertEquals("UnsqueezeBackward0", derivativeNode(m, leaf(2, 1), true));
  }

  @Test
  void shiftsByTheWidthOrMoreLeaveNothingOrTheSign() {
    Tensor x = Tensor.tensor(5L, -5L);
    for (long n : new long[] {64, 65, 100, -1}) {
      assertArrayEquals(new long[] {0, 0}, x.bitwiseLeftShift(n).toLongs());
      assertArrayEquals(new long[] {0, -1}, x.bitwiseRightShift(n).toLongs());
      assertArrayEquals(new long[] {0, 0}, x.to(DType.INT32).bitwiseLeftShift(n).toLongs());
    }
    assertArrayEquals(new long[] {0, 0}, x.to(DType.INT32).bitwiseLeftShift(33).toLongs());
    assertArrayEquals(new long[] {0, -1}, x.to(DType.INT32).bitwiseRightShift(33).toLongs());
  }

  @Test
  void integersTakeAWholeAlphaOnly() {
    Tensor x = Tensor.tensor(5L, -5L);
    assertArrayEquals(new long[] {15, -15}, x.add(x, 2).toLongs());
    assertArrayEquals(new long[] {-5, 5}, x.sub(x, 2).toLongs());
    assertTrue(text(() -> x.add(x, 2.0)).contains("alpha must not be a floating point number"));
    assertTrue(text(() -> x.sub_(x, 0.5)).startsWith("sub_: For integral input tensors"));
  }

  static Stream<Arguments> wrongCalls() {
    Tensor x = new MakeTensor(31).any(2, 3);
    Tensor wide = new MakeTensor(32).any(4);
    return Stream.of(
        wrongCall("mv: ", () -> x.mv(wide)),
        wrongCall("addmm: ", () -> x.addmm(x, x)),
        wrongCall("outer: ", () -> wide.outer(x)),
        wrongCall("dist: ", () -> x.dist(wide, 2)),
        wrongCall("add_: ", () -> x.add_(wide)),
        wrongCall("indexPut_", () -> x.indexPut_(new Tensor[] {Tensor.tensor(0L)}, wide, false)),
        wrongCall(
            "logsumexp: ", () -> Tensor.zeros(DType.INT64, 0).logsumexp(new int[] {0, 0}, false)));
  }

  @ParameterizedTest
  @MethodSource("wrongCalls")
  void errorsNameTheMethodAndNoOperationInside(String start, Executable call) {
    String said = text(call);
    assertTrue(said.startsWith(start), said);
  }

  private static String text(Executable call) {
    return assertThrows(RuntimeException.class, call).getMessage();
  }
}
