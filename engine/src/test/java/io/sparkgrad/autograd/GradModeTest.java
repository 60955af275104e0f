package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** noGrad, enableGrad and setGradEnabled. */
class GradModeTest {
  @AfterEach
  void recordsAgain() {
    assertTrue(Grad.isEnabled(), "a test left recording off");
  }

  @Test
  void nothingIsRecordedInsideNoGradNorRememberedAfter() {
    Tensor x = Tensor.rand(10, 5).requiresGrad_();
    Tensor y = Tensor.rand(10, 5).requiresGrad_();
    Tensor w;
    try (var g = Grad.noGrad()) {
      w = x.add(y).mul(x);
      assertFalse(w.requiresGrad());
      assertNull(w.gradFn());
      assertTrue(x.requiresGrad());
    }
    assertFalse(w.requiresGrad());
    assertNull(w.gradFn());
    assertTrue(w.isLeaf());
    assertTrue(x.pow(2).requiresGrad());
  }

  @Test
  void modesNest() {
    try (var off = Grad.noGrad()) {
      try (var on = Grad.enableGrad()) {
        assertTrue(leaf(1).mul(2).requiresGrad());
        try (var offAgain = Grad.setGradEnabled(false)) {
          assertFalse(Grad.isEnabled());
        }
        assertTrue(Grad.isEnabled());
      }
      assertFalse(Grad.isEnabled());
      try (var on = Grad.setGradEnabled(true)) {
        assertTrue(Grad.isEnabled());
      }
      assertFalse(Grad.isEnabled());
    }
  }

  @Test
  void anExceptionRestoresTheMode() {
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (var g = Grad.noGrad()) {
            throw new IllegalStateException();
          }
        });
    assertTrue(Grad.isEnabled());
  }

  @Test
  void aFailedBackwardRestoresTheMode() {
    Tensor x = leaf(1);
    Tensor y = x.mul(x);
    y.backward();
    assertThrows(AutogradException.class, y::backward);
    assertTrue(Grad.isEnabled());
    assertThrows(AutogradException.class, () -> y.backward(BackwardOptions.of().createGraph()));
    assertTrue(Grad.isEnabled());
  }

  @Test
  void aFailedOperationRestoresTheMode() {
    assertThrows(IllegalArgumentException.class, () -> leaf(1, 2).add(Tensor.ones(3)).sum());
    assertTrue(Grad.isEnabled());
  }

  @Test
  void asAStatementTheModeStaysUntilItIsSetAgain() {
    Grad.setGradEnabled(false);
    assertFalse(leaf(1).mul(2).requiresGrad());
    Grad.setGradEnabled(true);
    assertTrue(leaf(1).mul(2).requiresGrad());
  }

  @Test
  void everyThreadStartsRecording() {
    try (var g = Grad.noGrad()) {
      assertTrue(CompletableFuture.supplyAsync(Grad::isEnabled).join());
      Tensor y = CompletableFuture.supplyAsync(() -> leaf(1).mul(2)).join();
      assertTrue(y.requiresGrad());
    }
  }

  @Test
  void backwardRunsInsideNoGradToo() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x).sum();
    try (var g = Grad.noGrad()) {
      y.backward();
    }
    values(x.grad(), 2, 4);
    assertFalse(x.grad().requiresGrad());
    assertTrue(Grad.isEnabled());
  }

  @Test
  void createGraphRecordsInsideNoGradToo() {
    Tensor x = leaf(3);
    Tensor y = x.mul(x);
    Tensor g;
    try (var off = Grad.noGrad()) {
      g = Autograd.grad(List.of(y), List.of(x), GradOptions.of().createGraph()).get(0);
      assertFalse(Grad.isEnabled());
    }
    assertTrue(g.requiresGrad());
    values(Autograd.grad(List.of(g), List.of(x)).get(0), 2);
  }

  @Test
  void updatingALeafInsideNoGradKeepsItALeaf() {
    Tensor w = leaf(1, 2);
    w.mul(w).sum().backward();
    int before = w.version();
    try (var g = Grad.noGrad()) {
      w.sub_(w.grad(), 0.5);
      w.grad().zero_();
    }
    values(w, 0, 0);
    values(w.grad(), 0, 0);
    assertTrue(w.isLeaf());
    assertTrue(w.requiresGrad());
    assertEquals(before + 1, w.version());
  }

  @Test
  void aWriteInsideNoGradIsStillNoticedByBackward() {
    Tensor x = leaf(1, 2);
    Tensor y = x.exp();
    try (var g = Grad.noGrad()) {
      y.add_(1);
    }
    assertTrue(
        assertThrows(AutogradException.class, () -> y.sum().backward())
            .getMessage()
            .startsWith("one of the variables needed for gradient computation has been modified"));
  }
}
