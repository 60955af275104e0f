package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What device memory does over its life. Also tagged {@code gpu}: what needs no emulation. */
@Tag("tools")
@ExtendWith(EmulatedGpu.class)
class CudaMemoryTest {
  private static final Device GPU = Device.cuda(0);

  @AfterEach
  void whatNobodyHoldsIsGoneAfterACollection() {
    EmulatedGpu.reset();
    CudaDevice device = CudaDevice.of(0);
    long until = System.nanoTime() + 20_000_000_000L;
    while (device.usedBytes() > 0 && System.nanoTime() < until) System.gc();
    assertEquals(0, device.usedBytes());
  }

  @Test
  @Tag("gpu")
  void backwardLeavesNothingButGradientsBehind() {
    CudaDevice device = CudaDevice.of(0);
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.ones(100, 50).to(GPU);
      Tensor w = Tensor.ones(50, 10).to(GPU).requiresGrad_();
      Tensor loss = x.mm(w).sigmoid().mul(2).logSoftmax(1).sum();
      long forward = device.usedBytes();
      loss.backward();
      long grads = w.grad().numel() * 4L;
      assertTrue(
          device.usedBytes() <= forward + grads + 1024,
          () -> forward + " bytes before backward, " + device.usedBytes() + " after");
    }
    assertEquals(0, device.usedBytes());
  }

  @Test
  @Tag("gpu")
  void whatNobodyHoldsIsReusedAfterACollection() {
    CudaDevice device = CudaDevice.of(0);
    Tensor kept = Tensor.ones(1000).to(GPU);
    for (int i = 0; i < 200; i++) kept.add(i);
    long until = System.nanoTime() + 20_000_000_000L;
    while (device.usedBytes() > 4096 && System.nanoTime() < until) System.gc();
    assertEquals(4096, device.usedBytes());
    assertEquals(1, kept.at(0));
  }

  @Test
  @Tag("gpu")
  void aTensorOfAClosedScopeIsAClearError() {
    Tensor lost;
    Tensor kept;
    try (TensorScope scope = TensorScope.open()) {
      lost = Tensor.ones(3).to(GPU);
      kept = scope.keep(lost.mul(2));
    }
    Exception e = assertThrows(IllegalStateException.class, () -> lost.add(1));
    assertTrue(e.getMessage().contains("freed when its scope closed"), e.getMessage());
    assertArrayEquals(new double[] {2, 2, 2}, kept.toDoubles());
  }

  @Test
  void outOfMemorySaysWhatHoldsItAndIsRecoverable() {
    int n = 32 << 20; // 128 MiB
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> held = new ArrayList<>();
      held.add(Tensor.ones(7).to(GPU).neg());
      Exception e =
          assertThrows(
              CudaOutOfMemoryException.class,
              () -> {
                for (int i = 0; i < 100; i++) held.add(Tensor.empty(GPU, DType.FLOAT32, n));
              });
      assertTrue(e.getMessage().contains("134,217,728 bytes asked for"), e.getMessage());
      assertTrue(e.getMessage().contains("of neg"), e.getMessage());
    }
    try (TensorScope scope = TensorScope.open()) {
      assertEquals(0, Tensor.zeros(GPU, DType.FLOAT32, n).at(7));
    }
  }

  @Test
  void anAllocationThatTheDriverRefusesIsTriedAgainAfterTheCacheIsFreed() {
    CudaDevice device = CudaDevice.of(0);
    device.emptyCache();
    try (TensorScope scope = TensorScope.open()) {
      EmulatedDriver.failAllocation(1);
      assertEquals(1, Tensor.ones(5).to(GPU).at(0));
    }
  }

  @Test
  @Tag("gpu")
  void threadsHandTensorsToEachOther() throws Exception {
    EmulatedGpu.deferred(5);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Tensor x = Tensor.ones(1000).to(GPU);
      List<Future<Tensor>> parts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int k = i;
        Callable<Tensor> part = () -> x.mul(k).add(1);
        parts.add(pool.submit(part));
      }
      Tensor sum = Tensor.zeros(1000).to(GPU);
      for (Future<Tensor> part : parts) sum = sum.add(part.get());
      assertEquals(28 + 8, sum.at(999));
    } finally {
      pool.shutdown();
    }
  }

  @Test
  @Tag("gpu")
  void aFullStagingRingWaitsForItsCopies() {
    EmulatedGpu.deferred(6);
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> there = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        float[] numbers = new float[2000];
        java.util.Arrays.fill(numbers, i);
        there.add(Tensor.of(numbers, 2000).to(GPU));
        java.util.Arrays.fill(numbers, -1); // the caller's array is free
      }
      for (int i = 0; i < 20; i++) assertEquals(i, there.get(i).at(1999));
    }
  }

  @Test
  @Tag("gpu")
  void copiesLargerThanTheStagingGoInPieces() {
    float[] numbers = new float[3_000_001];
    for (int i = 0; i < numbers.length; i++) numbers[i] = i % 1001;
    try (TensorScope scope = TensorScope.open()) {
      assertArrayEquals(numbers, Tensor.of(numbers, numbers.length).to(GPU).toFloats());
    }
  }

  @Test
  @Tag("gpu")
  void anIndexOutOfBoundsIsFoundWhenTheHostNextWaits() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.ones(3, 4).to(GPU);
      Tensor picked = x.gather(1, Tensor.tensor(1L, 2, 7).reshape(3, 1).to(GPU));
      Exception e = assertThrows(IndexOutOfBoundsException.class, picked::toFloats);
      assertTrue(e.getMessage().startsWith("gather: index 7 is out of bounds"), e.getMessage());
      assertEquals(1, x.at(0, 0));
    }
  }
}
