package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/** Case 65: from a bad gradient to the forward call behind it. */
class AnomalyTest {
  private static Tensor zeroOverZero(Tensor x) {
    return x.div(x.mul(0));
  }

  @Test
  void case65_aNanNamesFunctionOutputAndForwardCall() {
    Tensor x = leaf(0);
    try (var a = Anomaly.detect()) {
      Tensor y = zeroOverZero(x);
      AutogradException e = assertThrows(AutogradException.class, y::backward);
      assertEquals(
          "Function 'DivBackward0' returned nan values in its 1th output.", e.getMessage());
      assertEquals("the forward call of DivBackward0", e.getCause().getMessage());
      StackTraceElement first = e.getCause().getStackTrace()[0];
      assertEquals("zeroOverZero", first.getMethodName());
      assertEquals(AnomalyTest.class.getName(), first.getClassName());
    }
    assertNull(Anomaly.current());
  }

  @Test
  void case65_withoutAForwardTraceItSaysSo() {
    Tensor y = zeroOverZero(leaf(0));
    try (var a = Anomaly.detect()) {
      AutogradException e = assertThrows(AutogradException.class, y::backward);
      assertTrue(
          e.getMessage()
              .endsWith(
                  "No forward pass information available. Enable Anomaly.detect() during forward pass for more"
                      + " information."),
          e.getMessage());
      assertNull(e.getCause());
    }
  }

  @Test
  void case65_aNanPassesWhereItIsNotCheckedFor() {
    Tensor x = leaf(0);
    try (var a = Anomaly.detect(false)) {
      zeroOverZero(x).backward();
    }
    assertTrue(Double.isNaN(x.grad().item()));
    Tensor y = leaf(0);
    zeroOverZero(y).backward();
    assertTrue(Double.isNaN(y.grad().item()));
  }

  @Test
  void case65_otherFailuresCarryTheForwardCall() {
    try (var a = Anomaly.detect()) {
      Tensor h = leaf(2).clone();
      Tensor y = h.mul(h);
      h.detach().zero_();
      AutogradException e = assertThrows(AutogradException.class, y::backward);
      assertTrue(e.getMessage().contains("modified by an inplace operation"));
      assertEquals(1, e.getSuppressed().length);
      assertEquals(
          "case65_otherFailuresCarryTheForwardCall",
          e.getSuppressed()[0].getStackTrace()[0].getMethodName());
    }
  }

  @Test
  void case65_aNodeMadeInBackwardNamesItsParent() {
    try (var a = Anomaly.detect()) {
      Tensor x = leaf(0);
      Tensor g = Autograd.grad(x.pow(1.5), x, GradOptions.of().createGraph()); // 1.5 x^0.5
      Tensor h = Autograd.grad(g, x, GradOptions.of().createGraph()); // 0.75 x^-0.5: infinite
      AutogradException e = assertThrows(AutogradException.class, () -> h.mul(0).backward());
      Throwable trace = e.getCause();
      assertTrue(trace.getCause() instanceof ForwardTrace, "the trace of the node it came from");
    }
  }

  @Test
  void case65_nothingLeaks() {
    WeakReference<Node> node = recorded();
    for (int i = 0; i < 50 && node.get() != null; i++) System.gc();
    assertNull(node.get());
  }

  private static WeakReference<Node> recorded() {
    try (var a = Anomaly.detect()) {
      Tensor y = leaf(1).mul(2);
      y.backward();
      return new WeakReference<>(y.gradFn());
    }
  }
}
