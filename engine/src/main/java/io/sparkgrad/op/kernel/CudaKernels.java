package io.sparkgrad.op.kernel;

import io.sparkgrad.DType;

/** The kernels of a unit, which its template makes for each type. */
public final class CudaKernels {
  private CudaKernels() {}

  /** A kernel for each type, by the template of the unit's text. */
  public static String kernels(String unit, String args, int threads, DType... types) {
    StringBuilder text = new StringBuilder();
    for (DType t : types)
      text.append(
          String.format(
              "KERNEL(%s_%s, %d, %s) { run<%s>(args); }%n",
              unit, t.kernelSuffix(), threads, args, t.cName()));
    return text.toString();
  }
}
