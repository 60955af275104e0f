package io.sparkgrad.op.random;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.random.Generator;
import io.sparkgrad.random.Philox;

/**
 * Fills new tensors on a GPU with the numbers that {@link Philox} has next there, by the kernels of
 * {@code philox.cu}.
 */
final class CudaRandom {
  private static final int THREADS = 256;

  private CudaRandom() {}

  static void uniform(Tensor y) {
    if (y.dtype() == DType.FLOAT32) fill(y, "uniform_f32", Philox.NARROW, 0, 0);
    else fill(y, "uniform_f64", Philox.WIDE, 0, 0);
  }

  static void normal(Tensor y) {
    if (y.dtype() == DType.FLOAT32) fill(y, "normal_f32", Philox.NARROW, 0, 0);
    else fill(y, "normal_f64", Philox.WIDE, 0, 0);
  }

  static void ints(Tensor y, long low, long high) {
    fill(y, "ints_i64", Philox.WIDE, low, Philox.count(low, high));
  }

  static void bernoulli(Tensor y, double p) {
    String kernel = y.dtype() == DType.FLOAT32 ? "bernoulli_f32" : "bernoulli_f64";
    fill(y, kernel, Philox.NARROW, 0, Philox.ones(p));
  }

  private static void fill(Tensor y, String kernel, int each, long low, long range) {
    int n = y.numel();
    Philox philox = Generator.current().onGpu(y.device().ordinal());
    long first = philox.take(n, each);
    if (n == 0) return;
    CudaDevice device = CudaDevice.of(y.device().ordinal());
    KernelArgs args = device.args().pointer(y.storage().memory(), 0);
    args.i64(philox.seed()).i64(first).i64(low).i64(range).i32(n);
    CudaKernel k = device.kernel("philox", "philox_" + kernel);
    k.launch(args, k.blocks(n, THREADS * each), THREADS);
  }
}
