package io.sparkgrad.examples;

import io.sparkgrad.Tensor;

/**
 * PyTorch's tutorial of the time of Variable (0.1) in Java: a gradient, and a loop whose length
 * depends on the data.
 */
public final class VariableTutorial {
  private VariableTutorial() {}

  public static void main(String[] args) {
    Options.of(args).rejectUnknown();

    Tensor x = Tensor.ones(2, 2).requiresGrad_(); // Variable(torch.ones(2, 2), requires_grad=True)
    Tensor y = x.add(2);
    System.out.println(y);
    System.out.println(y.gradFn().name()); // y.creator
    Tensor out = y.mul(y).mul(3).mean();
    System.out.println(out);
    out.backward();
    System.out.println(x.grad());

    Tensor v = Tensor.tensor(-0.656781, -1.396318, -1.388132).requiresGrad_();
    Tensor w = v.mul(2);
    int doublings = 1;
    while (w.detach().norm().item() < 1000) { // w.data.norm() in the original
      w = w.mul(2);
      doublings++;
    }
    System.out.println(doublings);
    System.out.println(w);
    w.backward(Tensor.tensor(0.1, 1.0, 0.0001));
    System.out.println(v.grad());
  }
}
