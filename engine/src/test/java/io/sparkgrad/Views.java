package io.sparkgrad;

import java.util.Random;

/** Float64 views of any layout for properties: strided, transposed, narrowed, repeated. */
public final class Views {
  private Views() {}

  /** A view of the given shape with random numbers, no two neighbours in storage for certain. */
  public static Tensor random(Random random, int... shape) {
    return random(random, DType.FLOAT64, shape);
  }

  /** As {@link #random(Random, int...)}; integers are small, a bool is either. */
  public static Tensor random(Random random, DType dtype, int... shape) {
    Tensor t = numbers(random, dtype, outer(random, shape));
    for (int d = 0; d < shape.length; d++) {
      if (t.size(d) == shape[d]) continue;
      int gap = t.size(d) - shape[d];
      t = t.narrow(d, gap > 0 ? random.nextInt(gap + 1) : 0, Math.min(t.size(d), shape[d]));
    }
    if (shape.length >= 2 && random.nextBoolean()) t = swapped(random, dtype, shape);
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] > 1 && random.nextInt(5) == 0) {
        t = t.narrow(d, 0, 1).expand(shape); // stride 0
      }
    }
    return t.expand(shape);
  }

  private static int[] outer(Random random, int[] shape) {
    int[] outer = shape.clone();
    for (int d = 0; d < outer.length; d++) outer[d] += random.nextInt(3);
    return outer;
  }

  private static Tensor swapped(Random random, DType dtype, int[] shape) {
    int a = random.nextInt(shape.length);
    int b = random.nextInt(shape.length);
    int[] before = shape.clone();
    before[a] = shape[b];
    before[b] = shape[a];
    return numbers(random, dtype, before).transpose(a, b);
  }

  /** Every second number of a larger storage, or all of one. */
  private static Tensor numbers(Random random, DType dtype, int... shape) {
    boolean gaps = random.nextBoolean();
    int[] wide = java.util.Arrays.copyOf(shape, shape.length + 1);
    wide[shape.length] = gaps ? 2 : 1;
    Tensor t = Tensor.zeros(dtype, wide);
    for (int i = 0; i < t.numel(); i++) {
      double v = random.nextInt(2001) / 1000.0 - 1;
      t.storage()
          .set(
              i,
              dtype.isFloatingPoint()
                  ? v
                  : dtype == DType.BOOL ? (v > 0 ? 1 : 0) : Math.rint(v * 5));
    }
    return t.select(shape.length, gaps ? 1 : 0);
  }
}
