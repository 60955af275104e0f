package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;

/** PyTorch's two-layer net by hand, line by line: the tape without modules, optimizers or Spark. */
public final class TwoLayer {
  private TwoLayer() {}

  public static void main(String[] args) {
    Options options = Options.of(args);
    int steps = options.integer("steps", 500);
    options.rejectUnknown();

    Generator.current().manualSeed(0);
    Tensor x = Tensor.randn(64, 1000);
    Tensor y = Tensor.randn(64, 10);
    Tensor w1 = Tensor.randn(1000, 100).requiresGrad_();
    Tensor w2 = Tensor.randn(100, 10).requiresGrad_();
    double lr = 1e-6;
    for (int t = 0; t < steps; t++) {
      Tensor yPred = x.mm(w1).clampMin(0).mm(w2);
      Tensor loss = yPred.sub(y).pow(2).sum();
      System.out.println(t + " " + Repr.of(loss.item()));
      loss.backward();
      try (var g = Grad.noGrad()) {
        w1.sub_(w1.grad(), lr);
        w2.sub_(w2.grad(), lr);
        w1.grad().zero_();
        w2.grad().zero_();
      }
    }
  }
}
