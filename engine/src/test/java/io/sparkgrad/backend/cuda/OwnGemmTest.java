package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import io.sparkgrad.backend.cuda.OwnGemm.Cut;
import io.sparkgrad.backend.cuda.OwnGemm.Tile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kernel against sums in double. */
@Tag("tools")
@ExtendWith(EmulatedGpu.class)
class OwnGemmTest {
  /**
   * A product to try: layouts, what lies between rows, and where in its memory each matrix begins.
   */
  private record Case(
      int m, int n, int k, int batch, boolean at, boolean bt, int gap, int offset, boolean bias) {}

  /* m, n, k, batch: one, primes, edges of tiles, no k, tall, wide, many, and k in parts. */
  private static final int[][] SHAPES = {
    {1, 1, 1, 1}, {2, 3, 0, 2}, {31, 37, 29, 1}, {64, 64, 64, 1}, {65, 63, 17, 3},
    {127, 129, 33, 1}, {130, 10, 70, 1}, {9, 133, 70, 2}, {129, 128, 15, 64}, {20, 24, 1100, 1},
    {5, 3, 2000, 2}
  };

  @ParameterizedTest
  @CsvSource({"F32, F32, 1e-6", "F64, F32, 1e-14", "F32, TF32, 1e-3", "F32, BF16, 1e-2"})
  void everyShapeAndLayoutGivesTheProduct(Type type, Precision precision, double tolerance) {
    Random random = new Random(1);
    for (int[] s : SHAPES) {
      if (precision != Precision.F32 && s[3] > 3) continue; // the emulation of tensor cores is slow
      for (int layout = 0; layout < 4; layout++) {
        boolean at = layout % 2 == 1;
        boolean bt = layout / 2 == 1;
        int gap = random.nextInt(3) * 2;
        int offset = random.nextInt(3);
        Case c = new Case(s[0], s[1], s[2], s[3], at, bt, gap, offset, random.nextBoolean());
        assertProduct(c, type, precision, tolerance);
      }
    }
  }

  private static void assertProduct(Case c, Type type, Precision precision, double tolerance) {
    Random random = new Random(c.hashCode());
    Host a = new Host(random, type, c.batch, c.m, c.k, c.at, c.gap, c.offset);
    Host b = new Host(random, type, c.batch, c.k, c.n, c.bt, c.gap, c.offset);
    Host bias = new Host(random, type, 1, 1, c.n, false, 0, 0);
    double[] product = multiply(c, type, precision, a, b, c.bias ? bias : null);
    double error = 0;
    double norm = 0;
    for (int z = 0; z < c.batch; z++) {
      for (int i = 0; i < c.m; i++) {
        for (int j = 0; j < c.n; j++) {
          double sum = c.bias ? bias.get(0, 0, j) : 0;
          for (int l = 0; l < c.k; l++) sum += a.get(z, i, l) * b.get(z, l, j);
          double difference = product[(z * c.m + i) * c.n + j] - sum;
          error += difference * difference;
          norm += sum * sum;
        }
      }
    }
    assertTrue(
        Math.sqrt(error) <= tolerance * Math.sqrt(norm),
        c + ": " + Math.sqrt(error) + " of " + Math.sqrt(norm));
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
    Case c = new Case(70, 40, 1500, 1, true, false, 2, 1, true);
    Random random = new Random(2);
    Host a = new Host(random, Type.F32, 1, c.m, c.k, true, 2, 1);
    Host b = new Host(random, Type.F32, 1, c.k, c.n, false, 2, 1);
    double[] first = multiply(c, Type.F32, Precision.F32, a, b, null);
    for (EmulatedDriver.Order order : EmulatedDriver.Order.values()) {
      EmulatedDriver.order(order, 7);
      assertArrayEquals(first, multiply(c, Type.F32, Precision.F32, a, b, null), 0);
    }
  }

  @Test
  void nothingOfAProductStaysBehind() {
    CudaDevice device = CudaDevice.of(0);
    long before = device.usedBytes();
    assertProduct(new Case(5, 3, 2000, 2, false, true, 0, 0, true), Type.F32, Precision.F32, 1e-6);
    assertEquals(before, device.usedBytes());
  }

  private static double[] multiply(
      Case c, Type type, Precision precision, Host a, Host b, Host bias) {
    CudaDevice device = CudaDevice.of(0);
    try (MemoryScope scope = MemoryScope.open("test")) {
      int size = c.batch * c.m * c.n;
      DeviceMemory out = device.allocate((size + c.offset) * (long) type.bytes);
      new OwnGemm()
          .multiply(
              new Gemm.Product(
                  device,
                  type,
                  precision,
                  c.m,
                  c.n,
                  c.k,
                  c.batch,
                  a.upload(device),
                  b.upload(device),
                  out,
                  c.offset,
                  bias == null ? null : bias.upload(device).memory(),
                  0));
      double[] product = new double[size];
      out.download(
          (long) c.offset * type.bytes,
          (long) size * type.bytes,
          (bytes, from, n) -> {
            for (int i = 0; i < n / type.bytes; i++)
              product[(int) from / type.bytes + i] = read(bytes, type, i);
          });
      return product;
    }
  }

  private static double read(ByteBuffer bytes, Type type, int i) {
    return type == Type.F32 ? bytes.getFloat(4 * i) : bytes.getDouble(8 * i);
  }

  /** A batch of matrices in an array; what is between their rows is not a number. */
  private static final class Host {
    final Type type;
    final double[] values;
    final int offset;
    final int stride;
    final int batchStride;
    final boolean transposed;

    Host(
        Random random,
        Type type,
        int batch,
        int rows,
        int columns,
        boolean transposed,
        int gap,
        int offset) {
      this.type = type;
      this.offset = offset;
      this.transposed = transposed;
      stride = Math.max(1, transposed ? rows : columns) + gap;
      batchStride = stride * (transposed ? columns : rows);
      values = new double[offset + batch * batchStride];
      Arrays.fill(values, Double.NaN);
      for (int z = 0; z < batch; z++)
        for (int i = 0; i < rows; i++)
          for (int j = 0; j < columns; j++) {
            double x = random.nextGaussian();
            values[at(z, i, j)] = type == Type.F32 ? (float) x : x;
          }
    }

    private int at(int z, int i, int j) {
      return offset + z * batchStride + (transposed ? j * stride + i : i * stride + j);
    }

    double get(int z, int i, int j) {
      return values[at(z, i, j)];
    }

    Matrix upload(CudaDevice device) {
      long bytes = (long) values.length * type.bytes;
      DeviceMemory memory = device.allocateForUpload(bytes);
      memory.upload(
          0,
          bytes,
          (pinned, from, n) -> {
            for (int i = 0; i < n / type.bytes; i++) {
              double x = values[(int) from / type.bytes + i];
              if (type == Type.F32) pinned.putFloat(4 * i, (float) x);
              else pinned.putDouble(8 * i, x);
            }
          });
      return new Matrix(memory, offset, stride, transposed, batchStride);
    }
  }
}
