package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Products by cuBLAS. It promises the same bits from run to run as long as a handle serves one
 * stream and has a workspace of its own, so each stream has both.
 */
final class CublasGemm implements Gemm {
  /* NVIDIA's advice: 32 MiB on Hopper and later, where fewer cost speed. */
  private static final long LARGE_WORKSPACE = 32L << 20;
  private static final long SMALL_WORKSPACE = 4L << 20;
  private static final int HOPPER = 90;

  private final String name;
  private final Map<CudaStream, Handle> handles = new ConcurrentHashMap<>();
  private final Constants floats = new Constants(Float.BYTES);
  private final Constants doubles = new Constants(Double.BYTES);

  private CublasGemm(String name) {
    this.name = name;
  }

  private record Handle(cublasHandle cublas, DeviceMemory workspace) {}

  /* 1 and 0 where cuBLAS reads them: in the host's memory, at any time. */
  private static final class Constants {
    final ByteBuffer bytes;
    final Pointer one;
    final Pointer zero;

    Constants(int size) {
      bytes = ByteBuffer.allocateDirect(2 * size).order(ByteOrder.nativeOrder());
      if (size == Float.BYTES) bytes.putFloat(0, 1);
      else bytes.putDouble(0, 1);
      one = Pointer.to(bytes);
      zero = Pointer.to(bytes).withByteOffset(size);
    }
  }

  /** Finds and loads the library, and opens a handle to see that it works with this driver. */
  static CublasGemm open() throws CublasLibrary.Unusable {
    Path library = CublasLibrary.load();
    cublasHandle trial = new cublasHandle();
    int status = JCublas2.cublasCreate(trial);
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS)
      throw new CublasLibrary.Unusable(
          library + ": cublasCreate: " + cublasStatus.stringFor(status));
    int[] version = new int[1];
    check("cublasGetVersion", JCublas2.cublasGetVersion(trial, version));
    check("cublasDestroy", JCublas2.cublasDestroy(trial));
    int v = version[0];
    return new CublasGemm("cuBLAS " + v / 10000 + "." + v / 100 % 100 + " (" + library + ")");
  }

  @Override
  public void multiply(Product p) {
    CudaStream stream = p.device().stream();
    Handle handle = handles.computeIfAbsent(stream, s -> handle(p.device(), s));
    synchronized (handle) { // threads may share a stream
      multiply(p, handle.cublas(), stream);
    }
    if (p.bias() != null) OwnGemm.addBias(p);
  }

  /* cuBLAS counts by columns: row-major c = a·b is column-major cᵀ = bᵀ·aᵀ, so the operands swap places. The method without
   * "_new" in its name has no native part in this version of JCuda. */
  private void multiply(Product p, cublasHandle handle, CudaStream stream) {
    boolean single = p.type() == Type.F32;
    Constants constants = single ? floats : doubles;
    int data = single ? cudaDataType.CUDA_R_32F : cudaDataType.CUDA_R_64F;
    check(
        "cublasGemmStridedBatchedEx",
        JCublas2.cublasGemmStridedBatchedEx_new(
            handle,
            operation(p.b()),
            operation(p.a()),
            p.n(),
            p.m(),
            p.k(),
            constants.one,
            pointer(p, p.b(), stream),
            data,
            p.b().stride(),
            p.b().batchStride(),
            pointer(p, p.a(), stream),
            data,
            p.a().stride(),
            p.a().batchStride(),
            constants.zero,
            Driver.pointer(p.c().address(stream) + p.at(p.offset())),
            data,
            p.n(),
            (long) p.m() * p.n(),
            p.batch(),
            computeType(p),
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
  }

  private static int operation(Matrix x) {
    return x.transposed() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static Pointer pointer(Product p, Matrix x, CudaStream stream) {
    return Driver.pointer(x.memory().address(stream) + p.at(x.offset()));
  }

  private static int computeType(Product p) {
    if (p.type() == Type.F64) return cublasComputeType.CUBLAS_COMPUTE_64F;
    return switch (p.precision()) {
      case F32 -> cublasComputeType.CUBLAS_COMPUTE_32F;
      case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
      case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
    };
  }

  private static Handle handle(CudaDevice device, CudaStream stream) {
    cublasHandle cublas = new cublasHandle();
    check("cublasCreate", JCublas2.cublasCreate(cublas));
    check("cublasSetStream", JCublas2.cublasSetStream(cublas, new cudaStream_t(stream.handle)));
    long bytes = device.capability() >= HOPPER ? LARGE_WORKSPACE : SMALL_WORKSPACE;
    DeviceMemory workspace = device.allocateForGood(bytes, stream, "cuBLAS");
    check(
        "cublasSetWorkspace",
        JCublas2.cublasSetWorkspace(cublas, Driver.pointer(workspace.address(stream)), bytes));
    return new Handle(cublas, workspace);
  }

  private static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS)
      throw new CudaException("%s: %s".formatted(call, cublasStatus.stringFor(status)), false);
  }

  @Override
  public String name() {
    return name;
  }
}
