package io.sparkgrad.backend.cuda;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products of matrices on a GPU: by cuBLAS where the machine has one that JCublas2 can call, else
 * by kernels of our own. Chosen once per JVM and said at INFO; the system property {@code
 * sparkgrad.cublas} names the library, or switches it off. Thread-safe.
 */
public final class CudaGemm {
  private static final Logger LOG = LoggerFactory.getLogger(CudaGemm.class);

  private CudaGemm() {}

  /** The types that have products. */
  public enum Type {
    F32("f32", 4),
    F64("f64", 8);

    final String suffix; // of a kernel's name
    final int bytes;

    Type(String suffix, int bytes) {
      this.suffix = suffix;
      this.bytes = bytes;
    }
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
    product(device, type, m, n, k, batch, a, b, c, offset, null, 0);
  }

  /** As without a bias, which is added to each row; {@code biasOffset} counts elements. */
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
      long offset,
      DeviceMemory bias,
      long biasOffset) {
    if (m == 0 || n == 0 || batch == 0) return;
    Precision precision = type == Type.F32 ? Precision.current() : Precision.F32;
    device.enter(); // cuBLAS is opened on the thread's device
    if (Chosen.GEMM == null) throw new IllegalStateException(Chosen.REFUSED);
    Chosen.GEMM.multiply(
        new Gemm.Product(
            device, type, precision, m, n, k, batch, a, b, c, offset, bias, biasOffset));
  }

  /* The JVM runs an initialiser once. */
  private static final class Chosen {
    static final Gemm GEMM;
    static final String REFUSED;

    static {
      Gemm gemm = null;
      String refused = null;
      try {
        gemm = CublasGemm.open();
        LOG.info("products of matrices: {}", gemm.name());
      } catch (CublasLibrary.Unusable e) {
        refused = CublasLibrary.PROPERTY + " names a cuBLAS that cannot be used: " + e.getMessage();
        if (!CublasLibrary.isDemanded()) {
          gemm = new OwnGemm();
          LOG.info("products of matrices: {} (no cuBLAS: {})", gemm.name(), e.getMessage());
        }
      }
      GEMM = gemm;
      REFUSED = refused;
    }
  }
}
