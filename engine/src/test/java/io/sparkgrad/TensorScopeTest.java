package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cpu.ArrayPool;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a scope frees on the CPU, and what it must leave alone. Arrays of n numbers are pooled. */
class TensorScopeTest {
  private static final int N = 1000;
  private static final long BYTES = N * 4;

  @BeforeEach
  void startEmpty() {
    TensorScope.emptyCache();
  }

  /* Uses up, and writes over, all that could be reused. */
  private static void churn() {
    for (int i = 0; i < 50; i++) Tensor.full(-7.0, N);
  }

  private static void assertAll(double value, Tensor t) {
    double[] expected = new double[t.numel()];
    Arrays.fill(expected, value);
    assertArrayEquals(expected, t.toDoubles());
  }

  @Test
  void anArrayIsUsedAgainAfterItsScope() {
    float[] array;
    try (var scope = TensorScope.open()) {
      array = Tensor.ones(N).storage().array();
    }
    assertEquals(BYTES, ArrayPool.bytes());
    Tensor next = Tensor.zeros(N);
    assertSame(array, next.storage().<float[]>array());
    assertEquals(0, ArrayPool.bytes());
    assertAll(0, next);
  }

  @Test
  void aTensorOfAClosedScopeIsAClearError() {
    Tensor lost;
    Tensor view;
    try (var scope = TensorScope.open()) {
      lost = Tensor.ones(3);
      view = lost.narrow(0, 1, 2).detach();
    }
    for (Tensor t : new Tensor[] {lost, view}) {
      Exception e = assertThrows(IllegalStateException.class, () -> t.add(1));
      assertTrue(e.getMessage().contains("freed when its scope closed"), e.getMessage());
      assertThrows(IllegalStateException.class, t::toFloats);
      assertThrows(IllegalStateException.class, t::toString);
    }
  }

  @Test
  void whatIsKeptBelongsToTheOuterScope() {
    Tensor kept;
    Tensor outer;
    try (var a = TensorScope.open()) {
      try (var b = TensorScope.open()) {
        Tensor.ones(N);
        kept = b.keep(Tensor.ones(N).mul(2));
        outer = b.keep(Tensor.ones(N).mul(3).narrow(0, 1, 5)); // by a view
      }
      churn();
      assertAll(2, kept);
      assertAll(3, outer);
      a.keep(outer);
    }
    churn();
    assertThrows(IllegalStateException.class, () -> kept.add(1));
    assertAll(3, outer);
  }

  @Test
  void whatEscapesOutlivesAllScopes() {
    Tensor cached;
    try (var a = TensorScope.open();
        var b = TensorScope.open()) {
      cached = TensorScope.escape(Tensor.ones(N).mul(2));
    }
    churn();
    assertAll(2, cached);
    assertSame(cached, TensorScope.escape(cached));
  }

  @Test
  void scopesClosedInTheWrongOrderFreeNothingThatIsStillOpen() {
    TensorScope a = TensorScope.open();
    TensorScope b = TensorScope.open();
    Tensor inner = Tensor.ones(N);
    a.close();
    assertThrows(IllegalStateException.class, () -> inner.add(1));
    try (var c = TensorScope.open()) {
      Tensor t = Tensor.ones(N);
      b.close();
      churn();
      assertAll(1, t);
    }
  }

  @Test
  void aScopeAroundALongLoopHoldsNoMoreThanIsAlive() {
    Tensor kept = Tensor.ones(N);
    kept.mul(5).toDoubles();
    long scratch = ArrayPool.bytes(); // of the loops
    try (var scope = TensorScope.open()) {
      Tensor early = kept.mul(5);
      for (int i = 0; i < 1000; i++) {
        try (var step = TensorScope.open()) {
          step.keep(kept.mul(i)).storage().free();
        }
      }
      assertAll(5, early);
      assertEquals(scratch + BYTES, ArrayPool.bytes());
    }
    assertEquals(scratch + 2 * BYTES, ArrayPool.bytes());
  }

  @Test
  void anArrayInTheProgramsHandsIsNeverReused() {
    float[] given = new float[N];
    float[] read;
    float[] copied;
    Tensor data;
    try (var scope = TensorScope.open()) {
      Tensor.of(given, N).add_(1);
      read = Tensor.ones(N).storage().floats();
      copied = Tensor.ones(N).toFloats();
      data = Tensor.ones(N).data();
    }
    churn();
    float[] ones = new float[N];
    Arrays.fill(ones, 1);
    assertArrayEquals(ones, given);
    assertArrayEquals(ones, read);
    assertArrayEquals(ones, copied);
    assertAll(1, data);
  }

  @Test
  void theGradientOfALeafFromOutsideLivesAsLongAsItIsSet() {
    Tensor w = Tensor.ones(N).requiresGrad_();
    for (int i = 1; i <= 3; i++) {
      try (var microBatch = TensorScope.open()) {
        w.mul(2).sum().backward();
      }
      churn();
      assertAll(2 * i, w.grad());
    }
    Tensor lost;
    try (var whole = TensorScope.open()) {
      w.setGrad(null);
      try (var step = TensorScope.open()) {
        w.mul(3).sum().backward();
      }
      churn();
      assertAll(3, w.grad());
      lost = w.grad();
      w.setGrad(null);
    }
    assertThrows(IllegalStateException.class, () -> lost.add(1));
  }

  @Test
  void aGradientThatIsForgottenInTheScopeIsReused() {
    Tensor w = Tensor.ones(N).requiresGrad_();
    for (int i = 0; i < 3; i++) {
      try (var step = TensorScope.open()) {
        w.mul(2).sum().backward();
        w.setGrad(null);
      }
    }
    long bytes = ArrayPool.bytes();
    long reused = ArrayPool.reusedBytes();
    try (var step = TensorScope.open()) {
      w.mul(2).sum().backward();
      w.setGrad(null);
    }
    assertEquals(bytes, ArrayPool.bytes());
    assertTrue(ArrayPool.reusedBytes() - reused >= 2 * BYTES); // the product and the gradient
  }

  @Test
  void aThreadsTensorsAreNoMatterOfAnothersScope() throws Exception {
    Tensor[] made = new Tensor[1];
    try (var scope = TensorScope.open()) {
      Thread other = new Thread(() -> made[0] = Tensor.ones(N));
      other.start();
      other.join();
    }
    churn();
    assertAll(1, made[0]);
  }
}
