package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Goldens;
import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import org.junit.jupiter.api.Test;

/** PyTorch's two-layer net of the autograd tutorial: the same 500 losses from the same seed. */
class GoldenTwoLayerTest {
  static final double LR = 1e-6;

  @Test
  void theTutorialLineByLineGivesPyTorchsLosses() {
    Generator.current().manualSeed(0);
    Tensor x = Tensor.randn(64, 1000);
    Tensor y = Tensor.randn(64, 10);
    Tensor w1 = Tensor.randn(1000, 100).requiresGrad_();
    Tensor w2 = Tensor.randn(100, 10).requiresGrad_();
    double[] losses = new double[500];
    for (int t = 0; t < 500; t++) {
      Tensor yPred = x.mm(w1).clampMin(0).mm(w2);
      Tensor loss = yPred.sub(y).pow(2).sum();
      losses[t] = loss.item();
      loss.backward();
      try (var g = Grad.noGrad()) {
        w1.sub_(w1.grad(), LR);
        w2.sub_(w2.grad(), LR);
        w1.grad().zero_();
        w2.grad().zero_();
      }
    }
    compare(losses);
    assertEquals(500, w1.version());
    assertTrue(w1.isLeaf() && w1.requiresGrad());
  }

  /** [in, hidden] weights without bias, as the tutorial has them. */
  static final class TwoLayerNet extends Module {
    private static final long serialVersionUID = 1;

    private final Parameter w1 = new Parameter(Tensor.randn(1000, 100));
    private final Parameter w2 = new Parameter(Tensor.randn(100, 10));

    @Override
    public Tensor forward(Tensor x) {
      return x.mm(w1).clampMin(0).mm(w2);
    }
  }

  @Test
  void aModuleWithALossAndAnOptimizerGivesTheSame() {
    Generator.current().manualSeed(0);
    Tensor x = Tensor.randn(64, 1000);
    Tensor y = Tensor.randn(64, 10);
    TwoLayerNet net = new TwoLayerNet();
    LocalOptimizer sgd = new SGD(LR).over(net.parameters());
    double[] losses = new double[500];
    for (int t = 0; t < 500; t++) {
      Tensor loss = Losses.mse(net.forward(x), y).sum();
      losses[t] = loss.item();
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
    }
    compare(losses);
  }

  @Test
  void gradientsThatAreNotZeroedAddUp() {
    Generator.current().manualSeed(1);
    Tensor w = Tensor.randn(3).requiresGrad_();
    w.mul(w).sum().backward();
    double[] first = w.grad().toDoubles();
    w.pow(3).sum().backward();
    double[] both = w.grad().toDoubles();
    for (int i = 0; i < 3; i++) assertEquals(first[i] + 3 * w.at(i) * w.at(i), both[i], 1e-5);
  }

  private static void compare(double[] losses) {
    double[] expected = Goldens.doubles(Goldens.read("two_layer.json").get("losses"));
    assertEquals(expected.length, losses.length);
    for (int t = 0; t < losses.length; t++) {
      double tolerance = t <= 10 ? 1e-4 : t <= 250 ? 1e-2 : Double.POSITIVE_INFINITY;
      assertEquals(expected[t], losses[t], tolerance * expected[t], "step " + t);
    }
    assertTrue(losses[499] < 1e-4, "last loss " + losses[499]);
  }
}
