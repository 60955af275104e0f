package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;

/** A way to multiply matrices. Thread-safe. */
interface Gemm {
  /**
   * {@code c[i] = a[i]·b[i] + bias} for i below batch. Nothing is empty but k may be 0. c is
   * row-major and without gaps; offsets count elements.
   *
   * @param bias added to each row, or null
   */
  record Product(
      CudaDevice device,
      Type type,
      Precision precision,
      int m,
      int n,
      int k,
      int batch,
      Matrix a,
      Matrix b,
      DeviceMemory c,
      long offset,
      DeviceMemory bias,
      long biasOffset) {
    long at(long elements) {
      return elements * type.bytes;
    }
  }

  /** Queues a product on the calling thread's stream. */
  void multiply(Product product);

  /** Names the implementation of the product, for a line of log. */
  String name();
}
