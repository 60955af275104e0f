package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;

/** A README about autograd (PyTorch 1.0) in Java: requiresGrad, detach, noGrad, and a gradient. */
public final class ReadmeTutorial {
  private ReadmeTutorial() {}

  public static void main(String[] args) {
    Options.of(args).rejectUnknown();
    Generator.current().manualSeed(0);

    Tensor t = Tensor.randn(2, 4);
    System.out.println(t);
    System.out.println(t.requiresGrad());
    t.requiresGrad_(); // without an argument: true
    System.out.println(t);
    System.out.println(t.detach());

    Tensor x = Tensor.rand(2, 4).requiresGrad_();
    try (var off = Grad.noGrad()) {
      Tensor d = x.mul(2);
      System.out.println(d);
      System.out.println(d.requiresGrad());
    }
    System.out.println(x.requiresGrad());

    Tensor a = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = a.add(2);
    Tensor z = y.mul(y).mul(3);
    Tensor out = z.mean();
    System.out.println(y);
    System.out.println(z);
    System.out.println(out);
    out.backward();
    System.out.println(a.grad());
  }
}
