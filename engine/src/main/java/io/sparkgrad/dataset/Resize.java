package io.sparkgrad.dataset;

import io.sparkgrad.Tensor;

/**
 * Resizes an image first along its rows, then along its columns. A pixel of the result is a mean of
 * those under a triangle, which is as wide as two pixels of the coarser grid.
 */
final class Resize {
  private Resize() {}

  static Tensor resized(Tensor image, int height, int width) {
    int channels = image.shape()[0];
    int rows = image.shape()[1];
    int columns = image.shape()[2];
    float[] across = new float[channels * rows * width];
    along(image.toFloats(), channels * rows, columns, 1, new Weights(columns, width), across);
    float[] down = new float[channels * height * width];
    along(across, channels, rows, width, new Weights(rows, height), down);
    return Tensor.of(down, channels, height, width);
  }

  /* Of {@code [blocks, size, inner]}, along the one in the middle. */
  private static void along(
      float[] from, int blocks, int size, int inner, Weights weights, float[] to) {
    for (int b = 0; b < blocks; b++)
      for (int o = 0; o < weights.first.length; o++)
        for (int i = 0; i < inner; i++) {
          float sum = 0;
          for (int k = 0; k < weights.of[o].length; k++)
            sum += weights.of[o][k] * from[(b * size + weights.first[o] + k) * inner + i];
          to[(b * weights.first.length + o) * inner + i] = sum;
        }
  }

  /** For each place of the result the first place before, and the weights from there on. */
  private static final class Weights {
    final int[] first;
    final float[][] of;

    Weights(int from, int to) {
      first = new int[to];
      of = new float[to][];
      double scale = (double) from / to;
      double reach = Math.max(1, scale);
      for (int o = 0; o < to; o++) {
        double centre = scale * (o + 0.5);
        first[o] = Math.max(0, (int) (centre - reach + 0.5));
        int end = Math.min(from, (int) (centre + reach + 0.5));
        double[] triangle = new double[end - first[o]];
        double sum = 0;
        for (int k = 0; k < triangle.length; k++) {
          triangle[k] = Math.max(0, 1 - Math.abs(first[o] + k - centre + 0.5) / reach);
          sum += triangle[k];
        }
        of[o] = new float[triangle.length];
        for (int k = 0; k < triangle.length; k++) of[o][k] = (float) (triangle[k] / sum);
      }
    }
  }
}
