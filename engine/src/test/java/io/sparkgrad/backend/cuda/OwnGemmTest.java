package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cuda.CudaGemm.Type;
import io.sparkgrad.backend.cuda.OwnGemm.Cut;
import io.sparkgrad.backend.cuda.OwnGemm.Tile;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kernel against sums in double. */
@Tag("tools")
@ExtendWith(EmulatedGpu.class)
class OwnGemmTest {
  /* m, n, k, batch: one, primes, edges of tiles, no k, tall, wide, many, and k in parts. */
  private static final int[][] SHAPES = {
    {1, 1, 1, 1}, {2, 3, 0, 2}, {31, 37, 29, 1}, {64, 64, 64, 1}, {65, 63, 17, 3},
    {127, 129, 33, 1}, {130, 10, 70, 1}, {9, 133, 70, 2}, {129, 128, 15, 64}, {20, 24, 1100, 1},
    {5, 3, 2000, 2}
  };

  @Tag("gpu")
  @ParameterizedTest
  @CsvSource({"F32, F32, 1e-6", "F64, F32, 1e-14", "F32, TF32, 1e-3", "F32, BF16, 1e-2"})
  void everyShapeAndLayoutGivesTheProduct(Type type, Precision precision, double tolerance) {
    Random random = new Random(1);
    int batches = precision == Precision.F32 ? 64 : 3; // the emulation of tensor cores is slow
    for (int[] s : Stream.of(SHAPES).filter(s -> s[3] <= batches).toList()) {
      for (int layout = 0; layout < 4; layout++) {
        boolean at = layout % 2 == 1;
        boolean bt = layout / 2 == 1;
        int gap = random.nextInt(3) * 2;
        int offset = random.nextInt(3);
        new ProductTrial(s[0], s[1], s[2], s[3], at, bt, gap, offset, random.nextBoolean())
            .check(new OwnGemm()::multiply, type, precision, tolerance);
      }
    }
  }

  @Test
  void theShapesTryEveryKernelWithAndWithoutParts() {
    Set<String> tried = new TreeSet<>();
    for (int[] s : SHAPES) {
      Cut cut = Cut.of(Type.F32, Precision.F32, s[0], s[1], s[2], s[3]);
      tried.add(cut.tile() + (cut.parts() > 1 ? " in parts" : ""));
    }
    assertTrue(
        tried.containsAll(Set.of("LARGE", "SMALL", "SMALL in parts", "TALL", "WIDE")),
        tried.toString());
  }

  @Test
  void partsCoverKAndKeepALargeGpuBusy() {
    assertEquals(
        new Cut(Tile.LARGE, 1, 4096), Cut.of(Type.F32, Precision.F32, 4096, 4096, 4096, 1));
    assertEquals(Tile.TALL, Cut.of(Type.F32, Precision.F32, 100_000, 10, 784, 1).tile());
    Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      int m = 1 + random.nextInt(3000);
      int n = 1 + random.nextInt(3000);
      int k = random.nextInt(1 << random.nextInt(24));
      Cut cut = Cut.of(Type.F32, Precision.F32, m, n, k, 1 + random.nextInt(3));
      assertTrue((long) cut.parts() * cut.partLength() >= k, cut.toString());
      assertTrue(cut.parts() == 1 || (cut.parts() - 1L) * cut.partLength() < k, cut.toString());
      assertTrue(cut.partLength() % 64 == 0 && cut.parts() <= 256, cut.toString());
    }
  }

  @Test
  void orderOfThreadsAndBlocksChangesNoBit() {
    ProductTrial trial = new ProductTrial(70, 40, 1500, 1, true, false, 2, 1, true);
    double[] first = trial.multiply(new OwnGemm()::multiply, Type.F32, Precision.F32);
    for (EmulatedDriver.Order order : EmulatedDriver.Order.values()) {
      EmulatedDriver.order(order, 7);
      assertArrayEquals(first, trial.multiply(new OwnGemm()::multiply, Type.F32, Precision.F32), 0);
    }
  }

  @Tag("gpu")
  @Test
  void nothingOfAProductStaysBehind() {
    CudaDevice device = CudaDevice.of(0);
    long before = device.usedBytes();
    new ProductTrial(5, 3, 2000, 2, false, true, 0, 0, true)
        .check(new OwnGemm()::multiply, Type.F32, Precision.F32, 1e-6);
    assertEquals(before, device.usedBytes());
  }
}
