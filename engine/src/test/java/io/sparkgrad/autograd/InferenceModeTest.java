package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import org.junit.jupiter.api.Test;

/** Case 76: inference tensors and normal ones, inside and outside. */
class InferenceModeTest {
  private static Tensor inferenceTensor() {
    try (var mode = Grad.inferenceMode()) {
      return Tensor.ones(2, 2);
    }
  }

  @Test
  void case76_theModeNestsAndEnds() {
    assertFalse(Grad.isInferenceModeEnabled());
    try (var on = Grad.inferenceMode()) {
      assertTrue(Grad.isInferenceModeEnabled());
      assertFalse(Grad.isEnabled());
      try (var recording = Grad.enableGrad()) {
        assertFalse(Grad.isEnabled());
      }
      try (var off = Grad.inferenceMode(false)) {
        assertFalse(Grad.isInferenceModeEnabled());
        assertTrue(Grad.isEnabled());
        assertFalse(Tensor.ones(1).isInference());
      }
      assertTrue(Grad.isInferenceModeEnabled());
    }
    assertFalse(Grad.isInferenceModeEnabled());
    assertTrue(Grad.isEnabled());
  }

  @Test
  void case76_whatIsMadeInsideIsMarked() {
    Tensor x = leaf(1, 2);
    try (var mode = Grad.inferenceMode()) {
      Tensor y = x.mul(2);
      assertTrue(y.isInference());
      assertFalse(y.requiresGrad());
      assertTrue(y.isLeaf());
      assertFalse(x.view(2, 1).isInference(), "a view of a normal tensor is normal");
      assertFalse(x.isInference());
      assertTrue(Tensor.ones(1).requiresGrad_().requiresGrad());
    }
    assertTrue(inferenceTensor().view(4).isInference());
    assertTrue(inferenceTensor().detach().isInference());
    assertFalse(inferenceTensor().clone().isInference());
    assertFalse(inferenceTensor().add(1).isInference());
  }

  @Test
  void case76_aNormalTensorMayBeChangedInside() {
    Tensor x = leaf(1, 2);
    Tensor h = x.clone();
    Tensor y = h.mul(h);
    try (var mode = Grad.inferenceMode()) {
      h.add_(1);
    }
    assertTrue(
        assertThrows(AutogradException.class, () -> y.sum().backward())
            .getMessage()
            .contains("modified by an inplace operation"));
  }

  @Test
  void case76_anInferenceTensorMayBeChangedInsideOnly() {
    Tensor t = inferenceTensor();
    try (var mode = Grad.inferenceMode()) {
      t.add_(1);
      t.view(4).mul_(2);
    }
    values(t, 4, 4, 4, 4);
    String text =
        "add_: Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a "
            + "normal tensor before doing inplace update.";
    says(() -> t.add_(1), text);
    says(() -> t.view(4).add_(1), text);
    try (var quiet = Grad.noGrad()) {
      says(() -> t.add_(1), text);
    }
  }

  @Test
  void case76_anInferenceTensorIsNeverPartOfAGraph() {
    Tensor t = inferenceTensor();
    Tensor w = Tensor.ones(2, 2).requiresGrad_();
    says(
        () -> w.mul(t),
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor "
            + "and use it in autograd. (node MulBackward0)");
    w.mul(t.clone()).sum().backward();
    w.add(t).sum().backward(); // nothing is saved
    values(w.grad(), 2, 2, 2, 2);
    says(
        t::requiresGrad_,
        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    says(t::version, "Inference tensors do not track version counter.");
    assertNull(t.gradFn());
    assertEquals(4, t.sum().item());
  }
}
