package io.sparkgrad.tutorials;

import static io.sparkgrad.tutorials.Cells.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.Cuda;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PyTorch's two-layer net by hand (pytorch-examples), line by line. */
class TwoLayerNetTest {
  private static final double LR = 1e-6;

  private Tensor x;
  private Tensor y;
  private Tensor w1;
  private Tensor w2;

  private void start(long seed) {
    Device device = Device.best();
    Generator.current().manualSeed(seed);
    x = Tensor.randn(64, 1000).to(device);
    y = Tensor.randn(64, 10).to(device);
    w1 = Tensor.randn(1000, 100).to(device).requiresGrad_();
    w2 = Tensor.randn(100, 10).to(device).requiresGrad_();
  }

  private Tensor loss() {
    return x.mm(w1).clampMin(0).mm(w2).sub(y).pow(2).sum();
  }

  private double step() {
    Tensor loss = loss();
    loss.backward();
    try (var g = Grad.noGrad()) {
      w1.sub_(w1.grad(), LR);
      w2.sub_(w2.grad(), LR);
      w1.grad().zero_();
      w2.grad().zero_();
    }
    return loss.item();
  }

  @Test
  void case52_theBestDeviceIsTheCpuWithoutAGpu() {
    Device device = Device.best();
    assertEquals(Cuda.availability().present() ? Device.cuda(0) : Device.CPU, device);
    assertEquals(device, Tensor.zeros(device, DType.FLOAT32, 2).device());
  }

  @Test
  void case53_theNodesOfTheNet() {
    start(0);
    Tensor hidden = x.mm(w1);
    assertEquals("MmBackward0", hidden.gradFn().name());
    assertEquals("ClampMinBackward0", hidden.clampMin(0).gradFn().name());
    Tensor loss = loss(); // in the millions, and without an exponent
    String text = loss.toString(); // PyTorch's sum, rounded to float32 in another order, ends in 62
    assertTrue(text.matches("tensor\\(294286[56]\\d\\., grad_fn=<SumBackward0>\\)"), text);
  }

  @Test
  void case54_aLossIsReadExactlyAndPrintedAsPythonDoes() {
    assertEquals("1605472.625", Repr.of(Tensor.scalar(1605472.625).item()));
    float small = 9.982420306187123e-05f;
    assertEquals("9.982420306187123e-05", Repr.of(Tensor.scalar(small).item()));
  }

  @Test
  void case55_fiveHundredStepsLearnIt() {
    for (long seed : new long[] {0, 7}) {
      start(seed);
      double[] losses = new double[500];
      for (int t = 0; t < 500; t++) losses[t] = step();
      assertTrue(losses[0] > 1e7 && losses[0] < 6e7, "start " + losses[0]);
      assertTrue(losses[300] < 1, "300 " + losses[300]);
      assertTrue(losses[499] < 5e-3, "499 " + losses[499]);
      if (seed != 0) continue;
      close(29428662.0, losses[0], 1e-4);
      close(22739448.0, losses[1], 1e-4);
      close(2315861.25, losses[10], 1e-4);
      close(402.08389, losses[100], 5e-2);
      close(0.0949750, losses[250], 5e-2);
      close(2.98e-05, losses[499], 5e-2);
      assertEquals(500, w1.version()); // case 56: an update a step
      assertTrue(w1.isLeaf() && w1.requiresGrad());
    }
  }

  private static void close(double expected, double actual, double tolerance) {
    assertEquals(expected, actual, tolerance * expected);
  }

  @Test
  void case56_anUpdateKeepsALeaf() {
    start(1);
    step();
    assertTrue(w1.isLeaf() && w1.requiresGrad());
    assertEquals(1, w1.version());
    assertNull(w1.gradFn());
  }

  @Test
  void case57_anUpdateIsNotRecorded() {
    start(1);
    loss().backward();
    fails(
        "a leaf Variable that requires grad is being used in an in-place operation.",
        () -> w1.sub_(w1.grad(), LR));
    fails(
        "a view of a leaf Variable that requires grad is being used in an in-place operation.",
        () -> w1.select(0, 0).mul_(2));
  }

  @Test
  void case58_gradientsThatAreNotZeroedAddUp() {
    Tensor w = Tensor.tensor(1.0, 2).requiresGrad_();
    w.mul(w).sum().backward();
    try (var g = Grad.noGrad()) {
      w.sub_(w.grad(), 0.25); // now 0.5, 1
    }
    w.mul(w).sum().backward();
    assertArrayEquals(new double[] {2 + 1, 4 + 2}, w.grad().toDoubles());
  }

  @Test
  void case59_clampAndReluDifferAtZero() {
    Tensor a = Tensor.tensor(-1.0, 0, 1).requiresGrad_();
    a.clampMin(0).sum().backward();
    assertArrayEquals(new double[] {0, 1, 1}, a.grad().toDoubles());
    Tensor b = Tensor.tensor(-1.0, 0, 1).requiresGrad_();
    b.relu().sum().backward();
    assertArrayEquals(new double[] {0, 0, 1}, b.grad().toDoubles());
    assertNotEquals(a.grad().at(1), b.grad().at(1));
  }

  @Test
  void case60_backwardReleasesWhatTheGraphKept() {
    start(2);
    Tensor[] loss = {null};
    List<WeakReference<float[]>> kept = intermediates(loss);
    for (WeakReference<float[]> k : kept) assertTrue(k.get() != null);
    loss[0].backward();
    long bytes = Long.MAX_VALUE;
    for (int i = 0; i < 100 && bytes > 0; i++) {
      System.gc();
      bytes =
          kept.stream().map(WeakReference::get).mapToLong(a -> a == null ? 0 : 4L * a.length).sum();
    }
    assertEquals(0, bytes);
  }

  private List<WeakReference<float[]>> intermediates(Tensor[] loss) {
    Tensor hidden = x.mm(w1);
    Tensor positive = hidden.clampMin(0);
    Tensor off = positive.mm(w2).sub(y);
    loss[0] = off.pow(2).sum();
    return java.util.stream.Stream.of(hidden, positive, off)
        .map(t -> new WeakReference<>(t.storage().floats()))
        .toList();
  }

  private static final class Net extends Module {
    private static final long serialVersionUID = 1;

    private final Parameter w1;
    private final Parameter w2;

    Net(Tensor w1, Tensor w2) {
      this.w1 = new Parameter(w1.detach().clone());
      this.w2 = new Parameter(w2.detach().clone());
    }

    @Override
    public Tensor forward(Tensor x) {
      return x.mm(w1).clampMin(0).mm(w2);
    }
  }

  @Test
  void case61_aModuleWithLossAndOptimizerGivesTheSameBits() {
    start(0);
    Net net = new Net(w1, w2);
    LocalOptimizer sgd = new SGD(LR).over(net.parameters());
    for (int t = 0; t < 50; t++) {
      Tensor loss = Losses.mse(net.forward(x), y).sum();
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
      assertEquals(step(), loss.item(), "step " + t);
    }
  }
}
