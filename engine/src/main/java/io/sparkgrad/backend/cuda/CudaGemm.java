package io.sparkgrad.backend.cuda;

/** Products of matrices on a GPU. Thread-safe. */
public final class CudaGemm {
  private CudaGemm() {}

  /** The types that have products. */
  public enum Type {
    F32,
    F64
  }

  /**
   * Matrices of a batch as they lie: rows {@code stride} elements apart, or columns if transposed.
   * Offset and strides count elements.
   */
  public record Matrix(
      DeviceMemory memory, long offset, int stride, boolean transposed, long batchStride) {}

  /** {@code c[i] = a[i]·b[i]} for i below batch; c is row-major and without gaps. */
  public static void product(
      CudaDevice device,
      Type type,
      int m,
      int n,
      int k,
      int batch,
      Matrix a,
      Matrix b,
      DeviceMemory c,
      long offset) {
    throw new UnsupportedOperationException("being built");
  }
}
