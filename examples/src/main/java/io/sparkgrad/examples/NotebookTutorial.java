package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;

/**
 * A notebook about autograd (PyTorch 1.4) in Java, its cells in order: sums and powers, integers,
 * non-leaves, and modes of recording.
 */
public final class NotebookTutorial {
  private NotebookTutorial() {}

  public static void main(String[] args) {
    Options.of(args).rejectUnknown();
    sumOfTwo();
    integers();
    nonLeaves();
    modes();
  }

  private static void sumOfTwo() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = Tensor.zeros(2, 2).requiresGrad_();
    System.out.println(y);
    Tensor z = x.add(y).sum();
    System.out.println(z);
    z.backward();
    System.out.println(x.grad());
    z.backward(); // a sum saves nothing, so this needs no retainGraph
    System.out.println(x.grad());
    x.grad().zero_();
    System.out.println(x.grad());

    Tensor a = Tensor.ones(2, 2).requiresGrad_();
    Tensor b = Tensor.ones(2, 2).requiresGrad_();
    Tensor h = a.pow(2).add(b.pow(3));
    System.out.println(h);
    h.backward(Tensor.ones(2, 2));
    System.out.println(a.grad());
    System.out.println(b.grad());
  }

  private static void integers() {
    Tensor sum = Tensor.of(new int[] {1, 2, 3}, 3).add(Tensor.of(new int[] {1, 1, 1}, 3));
    System.out.println(sum);
    try {
      sum.requiresGrad_();
    } catch (RuntimeException refused) {
      System.out.println(refused.getMessage());
    }
  }

  private static void nonLeaves() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor h = x.mul(2).sum();
    h.retainGrad(); // without it h.grad() stays null: h is no leaf
    h.backward();
    System.out.println(h.grad());
  }

  private static void modes() {
    Tensor x = Tensor.ones(2).requiresGrad_();
    Tensor w;
    try (var off = Grad.noGrad()) {
      w = x.add(1);
      try (var on = Grad.setGradEnabled(true)) {
        System.out.println(x.add(1).requiresGrad());
      }
    }
    System.out.println(w.requiresGrad());
    System.out.println(x.requiresGrad());
  }
}
