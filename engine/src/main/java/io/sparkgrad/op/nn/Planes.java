package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;

/**
 * Loops over one channel's planes of contiguous images: n runs of so many numbers, a step apart.
 * Sums are in double.
 */
final class Planes {
  private Planes() {}

  /** Σ x. */
  static double sum(Tensor x, int first, int step, int n, int plane) {
    double sum = 0;
    if (x.dtype() == DType.FLOAT32) {
      float[] a = x.storage().array();
      for (int i = 0, at = x.offset() + first; i < n; i++, at += step) {
        double s0 = 0;
        double s1 = 0;
        int k = 0;
        for (; k + 1 < plane; k += 2) {
          s0 += a[at + k];
          s1 += a[at + k + 1];
        }
        if (k < plane) s0 += a[at + k];
        sum += s0 + s1;
      }
    } else {
      double[] a = x.storage().array();
      for (int i = 0, at = x.offset() + first; i < n; i++, at += step)
        for (int k = 0; k < plane; k++) sum += a[at + k];
    }
    return sum;
  }

  /** Σ (x - mean)². */
  static double squares(Tensor x, double mean, int first, int step, int n, int plane) {
    return products(x, mean, x, mean, first, step, n, plane);
  }

  /** Σ g·(x - mean). */
  static double products(Tensor g, Tensor x, double mean, int first, int step, int n, int plane) {
    return products(g, 0, x, mean, first, step, n, plane);
  }

  private static double products(
      Tensor g, double middle, Tensor x, double mean, int first, int step, int n, int plane) {
    double sum = 0;
    if (x.dtype() == DType.FLOAT32) {
      float[] a = g.storage().array();
      float[] b = x.storage().array();
      for (int i = 0; i < n; i++) {
        int ag = g.offset() + first + i * step;
        int ax = x.offset() + first + i * step;
        double s0 = 0;
        double s1 = 0;
        int k = 0;
        for (; k + 1 < plane; k += 2) {
          s0 += (a[ag + k] - middle) * (b[ax + k] - mean);
          s1 += (a[ag + k + 1] - middle) * (b[ax + k + 1] - mean);
        }
        if (k < plane) s0 += (a[ag + k] - middle) * (b[ax + k] - mean);
        sum += s0 + s1;
      }
    } else {
      double[] a = g.storage().array();
      double[] b = x.storage().array();
      for (int i = 0; i < n; i++) {
        int ag = g.offset() + first + i * step;
        int ax = x.offset() + first + i * step;
        for (int k = 0; k < plane; k++) sum += (a[ag + k] - middle) * (b[ax + k] - mean);
      }
    }
    return sum;
  }

  /** Adds a number a channel to new images. */
  static void add(Tensor numbers, Tensor y) {
    double[] shift = numbers.toDoubles();
    int plane = y.size(2) * y.size(3);
    int planes = y.size(0) * y.size(1);
    if (y.dtype() == DType.FLOAT32) {
      float[] a = y.storage().array();
      for (int p = 0, at = 0; p < planes; p++, at += plane) {
        float s = (float) shift[p % shift.length];
        for (int k = 0; k < plane; k++) a[at + k] += s;
      }
    } else {
      double[] a = y.storage().array();
      for (int p = 0, at = 0; p < planes; p++, at += plane) {
        double s = shift[p % shift.length];
        for (int k = 0; k < plane; k++) a[at + k] += s;
      }
    }
  }

  /** y = (x - mean)·factor + shift. */
  static void scale(
      Tensor x,
      double mean,
      double factor,
      double shift,
      Tensor y,
      int first,
      int step,
      int n,
      int plane) {
    if (x.dtype() == DType.FLOAT32) {
      float[] a = x.storage().array();
      float[] b = y.storage().array();
      float m = (float) mean;
      float f = (float) factor;
      float s = (float) shift;
      for (int i = 0; i < n; i++) {
        int from = x.offset() + first + i * step;
        int to = first + i * step;
        for (int k = 0; k < plane; k++) b[to + k] = (a[from + k] - m) * f + s;
      }
    } else {
      double[] a = x.storage().array();
      double[] b = y.storage().array();
      for (int i = 0; i < n; i++) {
        int from = x.offset() + first + i * step;
        int to = first + i * step;
        for (int k = 0; k < plane; k++) b[to + k] = (a[from + k] - mean) * factor + shift;
      }
    }
  }

  /** y = g·factor + (x - mean)·slope + shift. */
  static void combine(
      Tensor g,
      double factor,
      Tensor x,
      double mean,
      double slope,
      double shift,
      Tensor y,
      int first,
      int step,
      int n,
      int plane) {
    if (x.dtype() == DType.FLOAT32) {
      float[] a = g.storage().array();
      float[] b = x.storage().array();
      float[] c = y.storage().array();
      float f = (float) factor;
      float m = (float) mean;
      float sl = (float) slope;
      float sh = (float) shift;
      for (int i = 0; i < n; i++) {
        int ag = g.offset() + first + i * step;
        int ax = x.offset() + first + i * step;
        int to = first + i * step;
        for (int k = 0; k < plane; k++) c[to + k] = a[ag + k] * f + (b[ax + k] - m) * sl + sh;
      }
    } else {
      double[] a = g.storage().array();
      double[] b = x.storage().array();
      double[] c = y.storage().array();
      for (int i = 0; i < n; i++) {
        int ag = g.offset() + first + i * step;
        int ax = x.offset() + first + i * step;
        int to = first + i * step;
        for (int k = 0; k < plane; k++)
          c[to + k] = a[ag + k] * factor + (b[ax + k] - mean) * slope + shift;
      }
    }
  }
}
