package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Goldens;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How modules find their parts, and how parameters become one run of numbers and back. */
class ModuleTest {
  private static class Net extends Module {
    private static final long serialVersionUID = 1;

    static final Parameter NOT_MINE = new Parameter(Tensor.ones(1));

    Parameter scale = new Parameter(Tensor.ones(2));
    Linear fc1 = new Linear(3, 2);
    Module fc2 = new Linear(2, 4);
    Parameter absent;
    Tensor constant = Tensor.ones(2);

    @Override
    public Tensor forward(Tensor x) {
      return fc2.forward(fc1.forward(x).mul(scale).mul(constant));
    }
  }

  private static final class Deeper extends Net {
    private static final long serialVersionUID = 1;

    final Net inner = new Net();
    final Parameter last = new Parameter(Tensor.zeros(1));
  }

  @Test
  void parametersComeInTheOrderOfTheFieldsOwnBeforeChildren() {
    assertEquals(
        List.of("scale", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"),
        List.copyOf(new Net().namedParameters().keySet()));
  }

  @Test
  void fieldsOfTheSuperclassComeFirst() {
    assertEquals(
        List.of(
            "scale",
            "last",
            "fc1.weight",
            "fc1.bias",
            "fc2.weight",
            "fc2.bias",
            "inner.scale",
            "inner.fc1.weight",
            "inner.fc1.bias",
            "inner.fc2.weight",
            "inner.fc2.bias"),
        List.copyOf(new Deeper().namedParameters().keySet()));
  }

  @Test
  void assigningAFieldReplacesAChild() {
    Net net = new Net();
    Linear replaced = new Linear(2, 7, false);
    net.fc2 = replaced;
    assertSame(replaced.weight, net.namedParameters().get("fc2.weight"));
    assertFalse(net.namedParameters().containsKey("fc2.bias"));
    assertArrayEquals(new int[] {5, 7}, net.forward(Tensor.ones(5, 3)).shape());
  }

  @Test
  void whatIsSharedComesOnce() {
    Linear shared = new Linear(2, 2);
    Sequential twice = new Sequential(shared, new ReLU(), shared);
    assertEquals(List.of("0.weight", "0.bias"), List.copyOf(twice.namedParameters().keySet()));
    Net tied = new Net();
    Net other = new Net();
    tied.scale = other.scale;
    Sequential both = new Sequential(tied, other);
    assertEquals(9, both.parameters().size());
    assertFalse(both.namedParameters().containsKey("1.scale"));
  }

  @Test
  void sequentialNamesItsPartsByPlace() {
    Sequential net = new Sequential(new Linear(4, 3), new ReLU(), new Linear(3, 2, false));
    assertEquals(
        List.of("0.weight", "0.bias", "2.weight"), List.copyOf(net.namedParameters().keySet()));
    assertEquals(
        """
        Sequential(
          (0): Linear(in_features=4, out_features=3, bias=True)
          (1): ReLU()
          (2): Linear(in_features=3, out_features=2, bias=False)
        )\
        """,
        net.toString());
    assertArrayEquals(new int[] {2, 5, 2}, net.forward(Tensor.rand(2, 5, 4)).shape());
    assertArrayEquals(new int[] {2}, net.forward(Tensor.rand(4)).shape());
  }

  @Test
  void aLinearLayerIsTheFormulaAndGetsEveryGradient() {
    Linear fc = new Linear(2, 3);
    Tensor x = Tensor.tensor(new double[][] {{1, 2}, {3, 4}}).requiresGrad_();
    Tensor expected = x.mm(fc.weight.t()).add(fc.bias);
    assertArrayEquals(expected.toDoubles(), fc.forward(x).toDoubles(), 1e-6);
    fc.forward(x).sum().backward();
    assertArrayEquals(new double[] {4, 6, 4, 6, 4, 6}, fc.weight.grad().toDoubles(), 1e-6);
    assertArrayEquals(new double[] {2, 2, 2}, fc.bias.grad().toDoubles());
    assertArrayEquals(new int[] {2, 2}, x.grad().shape());
  }

  @Test
  void aBatchThatDoesNotFitNamesBothShapes() {
    assertEquals(
        "linear: mat1 and mat2 shapes cannot be multiplied (2x5 and 4x3): shapes [2, 5] and [4, 3]",
        assertThrows(
                IllegalArgumentException.class, () -> new Linear(4, 3).forward(Tensor.ones(2, 5)))
            .getMessage());
  }

  static Stream<JsonNode> seeds() {
    return StreamSupport.stream(Goldens.read("rng.json").get("cases").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aNewLinearLayerHasPyTorchsNumbers(JsonNode c) {
    Generator.current().manualSeed(c.get("manual_seed").asLong());
    float[] expected = Goldens.floats(c.get("linear_4_3_weight"));
    assertArrayEquals(expected, new Linear(4, 3).weight.toFloats());
  }

  @Test
  void freezingLeavesTheRestTrained() {
    Net net = new Net();
    for (Parameter p : net.parameters()) p.requiresGrad_(false);
    net.fc2 = new Linear(2, 4);
    net.forward(Tensor.ones(5, 3)).sum().backward();
    for (var e : net.namedParameters().entrySet()) {
      assertEquals(e.getKey().startsWith("fc2."), e.getValue().grad() != null, e.getKey());
    }
    Parameter bias = net.namedParameters().get("fc2.bias");
    double[] before = bias.toDoubles();
    new SGD(0.01).over(((Linear) net.fc2).parameters()).step();
    for (int i = 0; i < 4; i++) assertEquals(before[i] - 0.01 * 5, bias.at(i), 1e-6);
    net.zeroGrad();
    assertNull(bias.grad());
  }

  // ---- FlatParameters

  @Test
  void boundNumbersAreTheParameters() {
    Net net = new Net();
    FlatParameters flat = new FlatParameters(net);
    float[] start = flat.toFloats();
    assertEquals(2 + 6 + 2 + 8 + 4, flat.numel());
    assertEquals(1f, start[0]);
    float[] numbers = start.clone();
    flat.bind(numbers);
    double before = net.forward(Tensor.ones(1, 3)).sum().item();
    assertArrayEquals(start, flat.toFloats());
    numbers[numbers.length - 1] += 10; // the last bias
    assertEquals(before + 10, net.forward(Tensor.ones(1, 3)).sum().item(), 1e-5);
    assertEquals(numbers[numbers.length - 1], (float) net.namedParameters().get("fc2.bias").at(3));
  }

  @Test
  void gradientsAreTakenInTheSameOrderAndForgotten() {
    Net net = new Net();
    FlatParameters flat = new FlatParameters(net);
    flat.bind(flat.toFloats());
    net.fc2.forward(Tensor.ones(3, 2)).sum().backward(); // the rest takes no part
    float[] into = new float[flat.numel()];
    java.util.Arrays.fill(into, Float.NaN);
    flat.takeGrads(into);
    for (int i = 0; i < 10; i++) assertEquals(0, into[i]);
    for (int i = 10; i < 22; i++) assertEquals(3, into[i]);
    for (Parameter p : net.parameters()) assertNull(p.grad());
  }

  @Test
  void theMemoryOfGradientsThatWereTakenIsUsedAgain() {
    TensorScope.emptyCache();
    Linear net = new Linear(500, 20);
    FlatParameters flat = new FlatParameters(net);
    flat.bind(flat.toFloats());
    long weight = 4L * net.weight.numel();
    assertTrue(reusedByAStep(net, flat) < weight); // its gradient is the only one of this size
    assertTrue(reusedByAStep(net, flat) >= weight);
  }

  private static long reusedByAStep(Module net, FlatParameters flat) {
    long before = ArrayPool.reusedBytes();
    try (var step = TensorScope.open()) {
      net.forward(Tensor.ones(1, 500)).sum().backward();
      flat.takeGrads(new float[flat.numel()]);
    }
    return ArrayPool.reusedBytes() - before;
  }

  @Test
  void frozenParametersAreNotInTheRun() {
    Net net = new Net();
    net.fc1.weight.requiresGrad_(false);
    assertEquals(16, new FlatParameters(net).numel());
  }

  @Test
  void runsThatDoNotFitAreRefused() {
    assertEquals(
        "the model has 22 numbers to train, got 21; does it differ between calls?",
        refused(() -> new FlatParameters(new Net()).bind(new float[21])));
    assertEquals(
        "the model has no parameter to train: ReLU()",
        refused(() -> new FlatParameters(new ReLU())));
    Net wide = new Net();
    wide.scale = new Parameter(Tensor.zeros(DType.FLOAT64, 2));
    assertEquals(
        "parameter scale is torch.float64, only float32 is trained",
        refused(() -> new FlatParameters(wide)));
  }

  // ---- LocalOptimizer

  @Test
  void localStepsEqualSgdByHand() {
    Generator.current().manualSeed(3);
    Tensor x = Tensor.randn(8, 3);
    Net a = new Net();
    Net b = new Net();
    new FlatParameters(b).bind(new FlatParameters(a).toFloats());
    LocalOptimizer sgd = new SGD(0.1).momentum(0.9).over(a.parameters());
    double[][] velocity = new double[b.parameters().size()][];
    for (int step = 0; step < 3; step++) {
      sgd.zeroGrad();
      a.forward(x).pow(2).mean().backward();
      sgd.step();
      b.zeroGrad();
      b.forward(x).pow(2).mean().backward();
      for (int i = 0; i < velocity.length; i++) velocity[i] = byHand(b, i, velocity[i]);
    }
    assertArrayEquals(new FlatParameters(a).toFloats(), new FlatParameters(b).toFloats(), 1e-6f);
  }

  private static double[] byHand(Net net, int i, double[] before) {
    Parameter p = net.parameters().get(i);
    double[] v = p.grad().toDoubles();
    for (int k = 0; before != null && k < v.length; k++) v[k] += 0.9 * before[k];
    p.detach().sub_(Tensor.of(v, p.shape()), 0.1);
    return v;
  }

  @Test
  void aParameterWithoutAGradientIsSkipped() {
    Parameter used = new Parameter(Tensor.ones(2));
    Parameter unused = new Parameter(Tensor.ones(2));
    LocalOptimizer sgd = new SGD(0.5).weightDecay(1).over(List.of(used, unused));
    sgd.step();
    used.mul(2).sum().backward();
    sgd.step();
    assertArrayEquals(new double[] {-0.5, -0.5}, used.toDoubles(), 1e-7);
    assertArrayEquals(new double[] {1, 1}, unused.toDoubles());
    assertTrue(used.isLeaf() && used.requiresGrad());
    sgd.zeroGrad();
    assertNull(used.grad());
  }

  @Test
  void float64ParametersStepInFloat64() {
    Tensor w = Tensor.of(new double[] {1 + 1e-12}, 1).requiresGrad_();
    w.setGrad(Tensor.of(new double[] {1}, 1));
    new SGD(0.5).over(List.of(w)).step();
    assertEquals(0.5 + 1e-12, w.item(), 1e-15);
  }

  @Test
  void aStepBetweenForwardAndBackwardIsNoticed() {
    Parameter w = new Parameter(Tensor.ones(2));
    LocalOptimizer sgd = new SGD(0.5).over(List.of(w));
    Tensor loss = w.mul(w).sum();
    w.setGrad(Tensor.ones(2));
    sgd.step();
    assertTrue(
        assertThrows(RuntimeException.class, loss::backward)
            .getMessage()
            .contains("modified by an inplace operation"));
  }

  @Test
  void wrongParametersAreRefused() {
    assertEquals(
        "optimizer got an empty parameter list", refused(() -> new SGD(0.1).over(List.of())));
    Tensor computed = new Parameter(Tensor.ones(1)).mul(2);
    assertTrue(
        refused(() -> new SGD(0.1).over(List.of(computed)))
            .startsWith("can't optimize a non-leaf Tensor: <MulBackward0 object at"));
  }

  // ---- Losses

  @Test
  void lossesGiveSumAndDenominatorApart() {
    Tensor scores = Tensor.tensor(new double[][] {{1, 2, 3}, {3, 1, 0}}).requiresGrad_();
    Loss.Value ce = Losses.crossEntropy(scores, Tensor.tensor(2.0, 0.0));
    assertEquals(2, ce.denominator());
    double expected = scores.crossEntropy(Tensor.tensor(2L, 0L), Reduction.MEAN).item();
    assertEquals(expected, ce.mean().item(), 1e-6);
    Loss.Value mse = Losses.mse(Tensor.ones(3, 1), Tensor.tensor(1.0, 2.0, 4.0));
    assertEquals(10, mse.sum().item());
    assertEquals(3, mse.denominator());
  }

  @Test
  void ignoredTargetsCountNeitherInTheLossNorInTheAccuracy() {
    Tensor scores = Tensor.tensor(new double[][] {{1, 2, 3}, {3, 1, 0}, {0, 5, 0}});
    Tensor targets = Tensor.tensor(2L, Losses.IGNORED, 1L);
    Loss.Value value = Losses.crossEntropy(scores, targets);
    assertEquals(2, value.denominator());
    assertEquals(
        scores.crossEntropy(targets, Losses.IGNORED, Reduction.MEAN).item(),
        value.mean().item(),
        1e-6);
    assertEquals(2, Losses.crossEntropy(scores, Tensor.tensor(2.0, -100.0, 1.0)).denominator());
    assertEquals(new Metric.Value(2, 2), Metrics.accuracy(scores, targets));
  }

  @Test
  void theFirstNumberThatIsNotFiniteIsNamedByItsParameter() {
    Sequential net = new Sequential(new Linear(3, 2), new ReLU(), new Linear(2, 1));
    FlatParameters flat = new FlatParameters(net);
    float[] numbers = flat.toFloats();
    assertNull(flat.notFinite(numbers));
    numbers[6 + 2 + 1] = Float.NEGATIVE_INFINITY;
    assertEquals("parameter '2.weight' is -Infinity at [0, 1]", flat.notFinite(numbers));
    numbers[4] = Float.NaN;
    assertEquals("parameter '0.weight' is NaN at [1, 1]", flat.notFinite(numbers));
    assertEquals(4, net.modules().size());
  }

  @Test
  void targetsThatDoNotFitAreRefused() {
    Tensor scores = Tensor.zeros(2, 3);
    assertEquals(
        "crossEntropy: a target must be a class number, got 0.5; for real targets use Losses::mse",
        refused(() -> Losses.crossEntropy(scores, Tensor.tensor(1.0, 0.5))));
    assertEquals(
        "Target 3 is out of bounds: there are 3 classes",
        refused(() -> Losses.crossEntropy(scores, Tensor.tensor(0L, 3L))));
    assertEquals(
        "mse: an output of shape [2, 3] cannot be compared with targets of shape [2]",
        refused(() -> Losses.mse(scores, Tensor.ones(2))));
  }

  @Test
  void aModuleThatIsNullIsNamedByItsPlace() {
    assertEquals(
        "Sequential: module 1 is null", refused(() -> new Sequential(new ReLU(), (Module) null)));
    assertEquals("ModuleList: module 1 is null", refused(() -> new ModuleList(new ReLU(), null)));
    assertEquals("ModuleList: module 0 is null", refused(() -> new ModuleList().append(null)));
  }

  private static String refused(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(RuntimeException.class, call).getMessage();
  }

  @Test
  void adaptiveMaxPoolsGradientGoesToTheFirstOfEqualNumbers() {
    Tensor x = Tensor.ones(1, 3, 3).requiresGrad_();
    new AdaptiveMaxPool2d(2).apply(x).sum().backward();
    assertArrayEquals(new float[] {1, 1, 0, 1, 1, 0, 0, 0, 0}, x.grad().toFloats());
    var e = assertThrows(IllegalArgumentException.class, () -> new AdaptiveMaxPool2d(0, 2));
    assertEquals("AdaptiveMaxPool2d: a size must be at least 1, got 0", e.getMessage());
  }
}
