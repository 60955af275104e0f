package io.sparkgrad.op.kernel;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;

/**
 * Launches of kernels whose struct is pointers to tensors that lie in runs, then ints. The kernel's
 * name is the unit's, with the type behind it.
 */
public final class CudaLaunch {
  private CudaLaunch() {}

  /** A thread for each of n pieces of work. */
  public static void threads(String unit, DType type, int n, Tensor[] tensors, int... sizes) {
    CudaKernel kernel = kernel(unit, type, tensors);
    kernel.launch(args(tensors, sizes), kernel.blocks(n, 64), 64);
  }

  /** A block of so many threads for each of n pieces of work. */
  public static void blocks(
      String unit, DType type, int n, int threads, Tensor[] tensors, int... sizes) {
    CudaKernel kernel = kernel(unit, type, tensors);
    kernel.launch(args(tensors, sizes), kernel.blocks(n, 1), threads);
  }

  private static CudaKernel kernel(String unit, DType type, Tensor[] tensors) {
    String name = unit + "_" + type.kernelSuffix();
    return CudaDevice.of(tensors[0].device().ordinal()).kernel(unit, name);
  }

  private static KernelArgs args(Tensor[] tensors, int... sizes) {
    KernelArgs args = CudaDevice.of(tensors[0].device().ordinal()).args();
    for (Tensor t : tensors)
      args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
    for (int size : sizes) args.i32(size);
    return args;
  }

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
