package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.reduce.ReduceMethods.MaxResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which of a window's numbers is the largest, in both types of numbers. */
class MaxPoolTest {
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void ofEqualOnesTheFirstAndTheLastNanIsTheLargest(DType type) {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    double[][] windows = {
      {-0.0, 0, -1, 0}, {0, -0.0, 0, -2}, {nan, 3, nan, inf}, {-inf, -inf, -inf, -inf},
      {-3, -2, -5, -2}, {1, inf, inf, 5}, {2, nan, 1, 0}, {-1e-45, -1e-40, -3, -1e-45}
    };
    long[] expected = {0, 0, 2, 0, 1, 1, 1, 0};
    for (int i = 0; i < windows.length; i++) {
      Tensor x = Tensor.of(windows[i], 1, 2, 2).to(type);
      int[] two = {2};
      MaxResult most = x.maxPool2dWithIndices(two, two, new int[] {0}, new int[] {1}, false);
      assertArrayEquals(new long[] {expected[i]}, most.indices().toLongs(), "window " + i);
      double value = x.toDoubles()[(int) expected[i]];
      assertArrayEquals(new double[] {value}, most.values().toDoubles(), "window " + i);
    }
  }
}
