package io.sparkgrad.tutorials;

import static io.sparkgrad.tutorials.Cells.fails;
import static io.sparkgrad.tutorials.Cells.prints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import org.junit.jupiter.api.Test;

/** A README about autograd (1.0), statement by statement. */
class ReadmeAutogradTest {
  @Test
  void case20_ones() {
    prints(
        "tensor([[1., 1., 1., 1.],\n        [1., 1., 1., 1.]], requires_grad=True)",
        Tensor.ones(2, 4).requiresGrad_());
  }

  @Test
  void case21_columnsAreAlignedForSigns() {
    Generator.current().manualSeed(0);
    prints(
        "tensor([[ 1.5410, -0.2934, -2.1788,  0.5684],\n        [-1.0845, -1.3986,  0.4033,  0.8380]])",
        Tensor.randn(2, 4));
  }

  @Test
  void case22_requiresGradReturnsTheSameTensor() {
    Tensor t = Tensor.ones(2);
    assertFalse(t.requiresGrad());
    assertSame(t, t.requiresGrad_(true));
    prints("tensor([1., 1.], requires_grad=True)", t);
    assertTrue(t.requiresGrad());
  }

  @Test
  void case23_detach() {
    Tensor t = Tensor.ones(2).requiresGrad_();
    Tensor d = t.detach();
    prints("tensor([1., 1.])", d);
    assertFalse(d.requiresGrad());
    assertTrue(d.isLeaf());
    assertNotSame(t, d);
    assertTrue(d.storage().sharesWith(t.storage()));
    Tensor y = t.exp();
    y.detach().zero_();
    assertEquals(1, y.version());
    fails(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
            + "[torch.float32 [2]], which is output 0 of ExpBackward0, is at version 1; expected version 0 instead.",
        () -> y.sum().backward());
  }

  @Test
  void case24_noGrad() {
    Tensor x = Tensor.ones(2, 4).requiresGrad_();
    Tensor d;
    try (var g = Grad.noGrad()) {
      d = x.mul(2);
      prints("tensor([[2., 2., 2., 2.],\n        [2., 2., 2., 2.]])", d);
    }
    assertFalse(d.requiresGrad());
    assertTrue(x.requiresGrad());
  }

  @Test
  void case25_theNumbersOfTheTutorial() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = x.add(2);
    prints("tensor([[3., 3.],\n        [3., 3.]], grad_fn=<AddBackward0>)", y);
    Tensor z = y.mul(y).mul(3);
    prints("tensor([[27., 27.],\n        [27., 27.]], grad_fn=<MulBackward0>)", z);
    Tensor out = z.mean();
    prints("tensor(27., grad_fn=<MeanBackward0>)", out);
    out.backward();
    prints("tensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])", x.grad());
  }

  @Test
  void case26_theChainRuleHoldsForAnyX() {
    Generator.current().manualSeed(26);
    for (int i = 0; i < 50; i++) {
      Tensor x = Tensor.randn(DType.FLOAT64, 2, 2).requiresGrad_();
      x.add(2).pow(2).mul(3).sum().mul(0.25).backward();
      for (int k = 0; k < 4; k++)
        assertEquals(1.5 * (x.at(k / 2, k % 2) + 2), x.grad().at(k / 2, k % 2), 1e-12);
    }
  }
}
