package io.sparkgrad.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.backend.cpu.Blas.Matrix;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlasTest {
  @Test
  void theOpenBlasOfTheJarIsBound() {
    assertEquals("JNIBLAS", Blas.name());
  }

  @Test
  void everyLayoutOfTheOperandsGivesTheProduct() {
    Random random = new Random(1);
    int m = 5, n = 7, k = 3;
    double[] a = random.doubles(m * k + 2).toArray();
    double[] b = random.doubles(k * n + 1).toArray();
    double[] expected = new double[m * n + 4];
    for (int i = 0; i < m; i++)
      for (int j = 0; j < n; j++)
        for (int l = 0; l < k; l++) expected[4 + i * n + j] += a[2 + i * k + l] * b[1 + l * n + j];
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        double[] c = new double[m * n + 4];
        Blas.gemmDouble(m, n, k, layout(a, 2, m, k, ta), layout(b, 1, k, n, tb), c, 4);
        assertArrayEquals(expected, c, 1e-14);
      }
    }
  }

  private static Matrix<double[]> layout(
      double[] x, int at, int rows, int columns, boolean transposed) {
    if (!transposed) return new Matrix<>(x, at, columns, false);
    double[] t = new double[at + rows * columns];
    for (int r = 0; r < rows; r++)
      for (int c = 0; c < columns; c++) t[at + c * rows + r] = x[at + r * columns + c];
    return new Matrix<>(t, at, rows, true);
  }
}
