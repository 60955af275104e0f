package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.kernel.CudaArgs;
import io.sparkgrad.op.kernel.CudaKernels;
import java.util.Arrays;

/**
 * The patches of images [n, channels, height, width] that a kernel sees, a column each, and the
 * reverse: im2col and col2im. Row (c·kernel height + i)·kernel width + j has pixel (i, j) of the
 * patches of channel c; pixels outside the image are 0.
 */
record Patches(
    int channels,
    int[] size,
    int[] kernel,
    int[] stride,
    int[] padding,
    int[] dilation,
    int[] out) {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            void* x;
            void* columns;
            int n;
            int images;
            int channels;
            int size[2];
            int kernel[2];
            int stride[2];
            int padding[2];
            int dilation[2];
            int width;
            int row;
            int count;
          };
          """);

  /** The units whose CUDA text has the two kernels. */
  private static final String GATHER = "conv2d";

  private static final String ADD = "conv_transpose2d";

  /** The numbers of a patch. */
  int rows() {
    return channels * kernel[0] * kernel[1];
  }

  /** Whether the patches are the pixels themselves. */
  boolean isOnePixel() {
    int[] one = {1, 1};
    return Arrays.equals(kernel, one)
        && Arrays.equals(stride, one)
        && Arrays.equals(padding, new int[2]);
  }

  /** The patches [rows, n·count·out width] of some rows of outputs. */
  Tensor of(Tensor x, int row, int count) {
    Tensor columns = x.newEmpty(rows(), x.size(0) * count * out[1]);
    if (x.device().isCuda()) onCuda(GATHER, x, columns, columns.numel(), row, count);
    else each(x, columns, row, count, true);
    return columns;
  }

  /** Adds the patches to the pixels that they show. */
  void add(Tensor columns, Tensor x, int row, int count) {
    if (x.device().isCuda()) onCuda(ADD, x, columns, x.numel(), row, count);
    else each(x, columns, row, count, false);
  }

  private void onCuda(String unit, Tensor x, Tensor columns, int n, int row, int count) {
    ARGS.threads(
        unit,
        x.dtype(),
        n,
        new Tensor[] {x, columns},
        n,
        x.size(0),
        channels,
        size[0],
        size[1],
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1],
        out[1],
        row,
        count);
  }

  static String cudaSource(String unit, String body) {
    return """
    #include "kernel.cuh"

    /* Columns are of `count` rows of outputs of each image, from `row` on. */
    """
        + ARGS
        + """

        """
        + body
        + CudaKernels.kernels(unit, "Args", 64, DType.FLOAT32, DType.FLOAT64);
  }

  /* Line by line of a row of the matrix: what an image's row gives lies in a run there. */
  private void each(Tensor x, Tensor columns, int row, int count, boolean gathers) {
    Object pixels = x.storage().array();
    Object matrix = columns.storage().array();
    int plane = size[0] * size[1];
    int at = 0;
    for (int c = 0; c < channels; c++)
      for (int i = 0; i < kernel[0]; i++)
        for (int j = 0; j < kernel[1]; j++) {
          int shift = j * dilation[1] - padding[1];
          int first = shift >= 0 ? 0 : (-shift + stride[1] - 1) / stride[1];
          int end = size[1] - shift <= 0 ? 0 : (size[1] - shift - 1) / stride[1] + 1;
          first = Math.min(first, out[1]);
          end = Math.max(first, Math.min(end, out[1]));
          for (int n = 0; n < x.size(0); n++)
            for (int r = row; r < row + count; r++, at += out[1]) {
              int y = r * stride[0] - padding[0] + i * dilation[0];
              boolean inside = y >= 0 && y < size[0];
              int from = x.offset() + (n * channels + c) * plane + y * size[1];
              from += first * stride[1] + shift;
              if (!gathers && inside) add(matrix, at + first, pixels, from, end - first);
              else if (gathers && inside) line(pixels, from, first, end, matrix, at);
              else if (gathers) zero(matrix, at, at + out[1]);
            }
        }
  }

  private void line(Object pixels, int from, int first, int end, Object matrix, int at) {
    zero(matrix, at, at + first);
    copy(pixels, from, matrix, at + first, end - first);
    zero(matrix, at + end, at + out[1]);
  }

  private static void zero(Object a, int from, int to) {
    if (from >= to) return;
    if (a instanceof float[] floats) Arrays.fill(floats, from, to, 0);
    else Arrays.fill((double[]) a, from, to, 0);
  }

  private void copy(Object pixels, int from, Object matrix, int to, int n) {
    if (n == 0) return; // from may be outside
    int step = stride[1];
    if (step == 1) System.arraycopy(pixels, from, matrix, to, n);
    else if (pixels instanceof float[] x) {
      float[] m = (float[]) matrix;
      for (int k = 0; k < n; k++) m[to + k] = x[from + k * step];
    } else {
      double[] x = (double[]) pixels;
      double[] m = (double[]) matrix;
      for (int k = 0; k < n; k++) m[to + k] = x[from + k * step];
    }
  }

  private void add(Object matrix, int at, Object pixels, int to, int n) {
    int step = stride[1];
    if (pixels instanceof float[] x) {
      float[] m = (float[]) matrix;
      if (step == 1) for (int k = 0; k < n; k++) x[to + k] += m[at + k];
      else for (int k = 0; k < n; k++) x[to + k * step] += m[at + k];
    } else {
      double[] x = (double[]) pixels;
      double[] m = (double[]) matrix;
      for (int k = 0; k < n; k++) x[to + k * step] += m[at + k];
    }
  }
}
