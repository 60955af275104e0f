package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A product to try.
 *
 * @param at whether a lies by columns
 * @param bt whether b does
 * @param gap between rows, or columns, of a and b
 * @param offset where a, b and the product begin in their memory
 */
record ProductTrial(
    int m, int n, int k, int batch, boolean at, boolean bt, int gap, int offset, boolean bias) {

  /** Compares with sums in double, by relative norm. */
  void check(Consumer<Gemm.Product> gemm, Type type, Precision precision, double tolerance) {
    Numbers numbers = new Numbers(this, type);
    double[] product = multiply(gemm, precision, numbers);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < product.length; i++) {
      double sum = numbers.sum(i / n / m, i / n % m, i % n);
      error += (product[i] - sum) * (product[i] - sum);
      norm += sum * sum;
    }
    assertTrue(
        Math.sqrt(error) <= tolerance * Math.sqrt(norm),
        this + ": " + Math.sqrt(error) + " of " + Math.sqrt(norm));
  }

  /** What a gemm gives; the same factors at each call. */
  double[] multiply(Consumer<Gemm.Product> gemm, Type type, Precision precision) {
    return multiply(gemm, precision, new Numbers(this, type));
  }

  private double[] multiply(Consumer<Gemm.Product> gemm, Precision precision, Numbers numbers) {
    CudaDevice device = CudaDevice.of(0);
    Type type = numbers.type;
    try (MemoryScope scope = MemoryScope.open("test")) {
      int size = batch * m * n;
      DeviceMemory out = device.allocate((size + offset) * (long) type.bytes);
      Matrix a = numbers.a.upload(device);
      Matrix b = numbers.b.upload(device);
      DeviceMemory shift = bias ? numbers.bias.upload(device).memory() : null;
      gemm.accept(
          new Gemm.Product(device, type, precision, m, n, k, batch, a, b, out, offset, shift, 0));
      return download(out, type, size);
    }
  }

  private double[] download(DeviceMemory out, Type type, int size) {
    double[] product = new double[size];
    out.download(
        (long) offset * type.bytes,
        (long) size * type.bytes,
        (bytes, from, count) -> {
          int first = (int) (from / type.bytes);
          for (int i = 0; i < count / type.bytes; i++) product[first + i] = read(bytes, type, i);
        });
    return product;
  }

  private static double read(ByteBuffer bytes, Type type, int i) {
    return type == Type.F32 ? bytes.getFloat(4 * i) : bytes.getDouble(8 * i);
  }

  /** The factors, drawn from the trial itself. */
  private static final class Numbers {
    final ProductTrial trial;
    final Type type;
    final Host a;
    final Host b;
    final Host bias;

    Numbers(ProductTrial t, Type type) {
      trial = t;
      this.type = type;
      Random random = new Random(t.hashCode());
      a = new Host(random, type, t.batch, t.m, t.k, t.at, t.gap, t.offset);
      b = new Host(random, type, t.batch, t.k, t.n, t.bt, t.gap, t.offset);
      bias = new Host(random, type, 1, 1, t.n, false, 0, 0);
    }

    double sum(int z, int i, int j) {
      double sum = trial.bias ? bias.get(0, 0, j) : 0;
      for (int l = 0; l < trial.k; l++) sum += a.get(z, i, l) * b.get(z, l, j);
      return sum;
    }
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
          (pinned, from, count) -> {
            int first = (int) (from / type.bytes);
            for (int i = 0; i < count / type.bytes; i++) {
              if (type == Type.F32) pinned.putFloat(4 * i, (float) values[first + i]);
              else pinned.putDouble(8 * i, values[first + i]);
            }
          });
      return new Matrix(memory, offset, stride, transposed, batchStride);
    }
  }
}
