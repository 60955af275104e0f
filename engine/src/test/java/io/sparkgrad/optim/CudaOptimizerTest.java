package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.optim.GoldenOptimizerTest.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every registered rule on a GPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaOptimizerTest {
  private static final Device GPU = Device.cuda(0);
  private static final int STEPS = 5;
  private TensorScope scope;

  /** Each rule under its defaults, PyTorch's arguments of the goldens, and all settings at once. */
  static Stream<Optimizer> rules() throws ReflectiveOperationException {
    return OptimizerTest.allRules();
  }

  /* Those that climb have no end to compare. */
  static Stream<Optimizer> descending() throws ReflectiveOperationException {
    return rules().filter(rule -> !rule.toString().contains("maximize=True"));
  }

  static List<Case> cases() throws ReflectiveOperationException {
    return GoldenOptimizerTest.cases();
  }

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    scope.close();
    assertEquals(0, CudaDevice.of(0).usedBytes());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void float64StepsAreTheCpus(Optimizer rule) {
    for (int n : new int[] {1, 2, 3, 1031}) {
      double[] cpu = trained(rule, leaf(n, DType.FLOAT64));
      double[] gpu = trained(rule, leaf(n, DType.FLOAT64).to(GPU).detach());
      for (int i = 0; i < n; i++) assertEquals(cpu[i], gpu[i], 1e-12 * Math.abs(cpu[i]));
    }
  }

  /* Four roundings a step, of numbers up to 4. */
  @ParameterizedTest
  @MethodSource("rules")
  void float32StepsAreTheCpusToFourRoundings(Optimizer rule) {
    for (int n : new int[] {1, 4, 7, 1031}) {
      double[] cpu = trained(rule, leaf(n, DType.FLOAT32));
      double[] gpu = trained(rule, leaf(n, DType.FLOAT32).to(GPU).detach());
      assertArrayEquals(cpu, gpu, STEPS * 4 * Math.ulp(2f));
    }
  }

  private static Tensor leaf(int n, DType type) {
    return numbers(0, n).to(type);
  }

  private static double[] trained(Optimizer rule, Tensor w) {
    w.requiresGrad_();
    LocalOptimizer optimizer = rule.over(List.of(w));
    for (int t = 1; t <= STEPS; t++) {
      w.setGrad(numbers(t, w.shape()).to(w.dtype()).to(w.device()));
      optimizer.step();
    }
    return w.toDoubles();
  }

  private static Tensor numbers(long seed, int... shape) {
    int n = Tensor.zeros(shape).numel();
    return Tensor.of(new Random(seed).doubles(n, -2, 2).toArray(), shape);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tracesArePyTorchs(Case c) {
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
      double tolerance = type == DType.FLOAT64 ? 1e-9 : 2e-6;
      for (int p = 0; p < GoldenOptimizerTest.OPTIM.get("initial").size(); p++) {
        double[] initial = Goldens.doubles(GoldenOptimizerTest.OPTIM.get("initial").get(p));
        Tensor w = Tensor.of(initial, initial.length).to(type).to(GPU);
        LocalOptimizer optimizer = c.rule().over(List.of(w));
        for (int t = 0; t < c.trace().size(); t++) {
          double[] g = Goldens.doubles(GoldenOptimizerTest.OPTIM.get("grads").get(t).get(p));
          w.setGrad(Tensor.of(g, g.length).to(type).to(GPU));
          optimizer.step();
          double[] expected = Goldens.doubles(c.trace().get(t).get(p));
          Goldens.assertClose(expected, w.toDoubles(), tolerance, c + " step " + (t + 1));
        }
      }
    }
  }

  @Test
  void everyRegisteredRuleHasAKernel() {
    for (Optimizer rule : Optimizers.all()) assertNotNull(rule.cudaSource(), rule.toString());
  }

  @Test
  void parametersInAnyLayoutAreSteppedInPlace() {
    Optimizer rule = new Adam(0.1).amsgrad();
    double[] cpu = trained(rule, numbers(0, 6, 5).to(DType.FLOAT32));
    Tensor across = numbers(0, 6, 5).to(DType.FLOAT32).t().contiguous().to(GPU).t();
    assertTrue(!across.isContiguous());
    assertArrayEquals(cpu, trained(rule, across.detach()), STEPS * 4 * Math.ulp(2f));
    Tensor run = Tensor.zeros(GPU, DType.FLOAT32, 32);
    Tensor slice = run.narrow(0, 1, 30).view(6, 5).detach(); // not on a multiple of 16 bytes
    slice.copy_(numbers(0, 6, 5));
    assertArrayEquals(cpu, trained(rule, slice), STEPS * 4 * Math.ulp(2f));
    assertArrayEquals(slice.toDoubles(), run.narrow(0, 1, 30).toDoubles());
    assertEquals(0, run.at(0));
    assertEquals(0, run.at(31));
  }

  @Test
  void parametersOnSeveralDevicesAreSteppedWhereTheyAre() {
    Tensor here = Tensor.ones(3).requiresGrad_();
    Tensor there = Tensor.ones(3).to(GPU).requiresGrad_();
    Tensor none = Tensor.ones(0).to(GPU).requiresGrad_();
    Tensor idle = Tensor.ones(3).to(GPU).requiresGrad_();
    LocalOptimizer optimizer = new SGD(0.5).momentum(0.5).over(List.of(here, there, none, idle));
    for (Tensor t : List.of(here, there, none)) t.mul(2).sum().backward();
    optimizer.step();
    for (Tensor t : List.of(here, there)) assertArrayEquals(new double[3], t.toDoubles());
    assertEquals(GPU, there.device());
    assertArrayEquals(new double[] {1, 1, 1}, idle.toDoubles());
    optimizer.zeroGrad();
    assertEquals(null, there.grad());
  }

  @Test
  void aParameterMovedAfterwardsIsAClearError() {
    Tensor w = Tensor.ones(2, 3).requiresGrad_();
    LocalOptimizer optimizer = new SGD(0.1).over(List.of(w));
    w.setData(w.detach().to(GPU));
    w.setGrad(Tensor.ones(2, 3).to(GPU));
    Exception e = assertThrows(IllegalStateException.class, optimizer::step);
    assertEquals(
        "a parameter of shape [2, 3] was on cpu when the optimizer was made; now it is on cuda:0 and its gradient on"
            + " cuda:0: make the optimizer after model.to(device)",
        e.getMessage());
  }

  @Test
  void aRuleWithoutAKernelSaysSo() {
    Tensor w = Tensor.ones(2).to(GPU).requiresGrad_();
    w.setGrad(Tensor.ones(2).to(GPU));
    LocalOptimizer optimizer = new CpuOnly().over(List.of(w));
    Exception e = assertThrows(UnsupportedOperationException.class, optimizer::step);
    assertEquals(
        "CpuOnly(lr=1) has no CUDA kernel; move the model by .to(Device.CPU)", e.getMessage());
  }

  private static final class CpuOnly extends Optimizer {
    private static final long serialVersionUID = 1L;

    @Override
    public double lr() {
      return 1;
    }

    @Override
    public List<String> slots() {
      return List.of();
    }

    @Override
    protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
      for (int i = 0; i < n; i++) w[i] -= lr * g[i];
    }
  }

  @Test
  void aStepBetweenForwardAndBackwardIsNoticed() {
    Tensor w = Tensor.ones(2).to(GPU).requiresGrad_();
    Tensor loss = w.mul(w).sum();
    w.setGrad(Tensor.ones(2).to(GPU));
    new SGD(0.1).over(List.of(w)).step();
    assertThrows(AutogradException.class, loss::backward);
  }

  /* Deferred: all that the host does not wait for is done late and in another order. A rounding may grow with each
   * step, as in NAdam's, whose last losses swing. */
  @ParameterizedTest
  @MethodSource("descending")
  void twoLayersLearnAsOnTheCpu(Optimizer rule) {
    EmulatedGpu.deferred(7);
    assertEquals(1, loss(rule, DType.FLOAT64, GPU) / loss(rule, DType.FLOAT64, Device.CPU), 1e-7);
    assertEquals(1, loss(rule, DType.FLOAT32, GPU) / loss(rule, DType.FLOAT32, Device.CPU), 1e-3);
  }

  /* The last of 100 losses. */
  private static double loss(Optimizer rule, DType type, Device device) {
    Tensor x = numbers(1, 20, 6).to(type).to(device);
    Tensor y = numbers(2, 20, 3).to(type).to(device);
    List<Tensor> layers = new ArrayList<>();
    for (int[] shape : new int[][] {{6, 8}, {8}, {8, 3}, {3}})
      layers.add(
          numbers(shape[0] * 10L, shape).mul(0.2).to(type).to(device).detach().requiresGrad_());
    LocalOptimizer optimizer = rule.over(layers);
    double last = 0;
    for (int t = 0; t < 100; t++) {
      try (TensorScope step = TensorScope.open()) {
        Tensor hidden = x.mm(layers.get(0)).add(layers.get(1)).tanh();
        Tensor loss = hidden.mm(layers.get(2)).add(layers.get(3)).mseLoss(y, Reduction.MEAN);
        loss.backward();
        last = loss.item();
        optimizer.step();
        optimizer.zeroGrad();
      }
    }
    return last;
  }
}
