package io.sparkgrad.op.nn;

import java.util.Arrays;

/**
 * The windows of a pooling along one dimension: of inputs start, start + step, ... before end for
 * each output.
 *
 * @param counts how long a window is with its padding, which averages may divide by
 */
record Windows(int[] start, int[] end, int step, int[] counts) {
  /**
   * As PyTorch's pooling_output_shape: the last window begins within the input or the padding
   * before it.
   */
  static Windows sliding(
      int size, int kernel, int stride, int padding, int dilation, boolean ceilMode) {
    int span = dilation * (kernel - 1) + 1;
    int room = size + 2 * padding - span;
    int n = Math.floorDiv(room + (ceilMode ? stride - 1 : 0), stride) + 1;
    if (ceilMode && (n - 1) * stride >= size + padding) n--;
    Windows w =
        new Windows(
            new int[Math.max(0, n)], new int[Math.max(0, n)], dilation, new int[Math.max(0, n)]);
    for (int i = 0; i < n; i++) {
      int from = i * stride - padding;
      w.counts[i] = Math.min(from + span, size + padding) - from;
      w.end[i] = Math.min(from + span, size);
      w.start[i] = from < 0 ? from + (-from + dilation - 1) / dilation * dilation : from;
    }
    return w;
  }

  /** So many windows, as even as they can be, which share inputs where they must. */
  static Windows adaptive(int size, int outputs) {
    Windows w = new Windows(new int[outputs], new int[outputs], 1, new int[outputs]);
    for (int i = 0; i < outputs; i++) {
      w.start[i] = (int) ((long) i * size / outputs);
      w.end[i] = (int) (((i + 1L) * size + outputs - 1) / outputs);
      w.counts[i] = w.end[i] - w.start[i];
    }
    return w;
  }

  int outputs() {
    return start.length;
  }

  /** What averages them: by their lengths with or without the padding. */
  Bands averages(int inputs, boolean countsPadding) {
    double[][] weights = new double[outputs()][];
    for (int i = 0; i < weights.length; i++) {
      int n = end[i] - start[i];
      weights[i] = new double[n];
      Arrays.fill(weights[i], 1.0 / (countsPadding ? counts[i] : n));
    }
    return Bands.of(inputs, start, weights);
  }

  /** What adds them up. */
  Bands sums(int inputs, double factor) {
    double[][] weights = new double[outputs()][];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = new double[end[i] - start[i]];
      Arrays.fill(weights[i], factor);
    }
    return Bands.of(inputs, start, weights);
  }
}
