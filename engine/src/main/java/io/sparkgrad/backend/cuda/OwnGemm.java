package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Products by the kernels of {@code gemm.cu} and {@code gemm_tensor.cuh}. The same product gives
 * the same bits on every run and every GPU of a kind of kernel: what is cut where depends on the
 * shapes alone.
 */
final class OwnGemm implements Gemm {
  private static final int GRID_LIMIT = 65_535; // of a grid's y and z
  private static final int SUM_THREADS = 256;
  private static final int TENSOR_CAPABILITY = 80;

  private final Set<CudaKernel> prepared = ConcurrentHashMap.newKeySet();

  /** A kernel and the piece of c that a block of it computes. */
  enum Tile {
    LARGE("large", 128, 128, 256),
    SMALL("small", 64, 64, 128),
    TALL("tall", 128, 16, 128),
    WIDE("wide", 16, 128, 128),
    /** On the tensor cores: a kernel for each precision and layout. */
    TENSOR("", 128, 128, 128);

    /* Two steps of both tiles, 128 x 32 each, in the layout that pads most. */
    private static final int TENSOR_SHARED_BYTES = 2 * 2 * 128 * (32 + 4) * 4;

    final String kernel;
    final int rows;
    final int columns;
    final int threads;

    Tile(String kernel, int rows, int columns, int threads) {
      this.kernel = kernel;
      this.rows = rows;
      this.columns = columns;
      this.threads = threads;
    }

    /** The blocks that cover a matrix. */
    int blocks(int m, int n) {
      return Math.multiplyExact((m + rows - 1) / rows, (n + columns - 1) / columns);
    }
  }

  /**
   * How a product is cut.
   *
   * @param parts of k, summed apart and then together
   * @param partLength of each but the last, a multiple of what a kernel steps by
   */
  record Cut(Tile tile, int parts, int partLength) {
    private static final int BUSY = 256; // blocks that keep a large GPU busy
    private static final int SHORTEST_PART = 256;
    private static final int STEP = 64;
    private static final int NARROW = 16;

    static Cut of(Type type, Precision precision, int m, int n, int k, int batch) {
      Tile tile = tile(type, precision, m, n, k, batch);
      long blocks = (long) tile.blocks(m, n) * batch;
      int wanted = (int) Math.max(1, Math.min(BUSY / blocks, k / SHORTEST_PART));
      int length =
          Math.max(STEP, (int) (((long) k + wanted - 1) / wanted + STEP - 1) / STEP * STEP);
      return new Cut(tile, Math.max(1, (k + length - 1) / length), length);
    }

    private static Tile tile(Type type, Precision precision, int m, int n, int k, int batch) {
      if (type == Type.F64) return Tile.SMALL;
      if (precision != Precision.F32) return Tile.TENSOR;
      if (n <= NARROW) return Tile.TALL;
      if (m <= NARROW) return Tile.WIDE;
      long parallel = (long) Tile.LARGE.blocks(m, n) * batch * Math.max(1, k / SHORTEST_PART);
      return parallel >= BUSY / 2 ? Tile.LARGE : Tile.SMALL;
    }
  }

  @Override
  public void multiply(Product p) {
    Cut cut = Cut.of(p.type(), p.precision(), p.m(), p.n(), p.k(), p.batch());
    CudaKernel kernel = kernel(p, cut.tile());
    for (int first = 0; first < p.batch(); first += GRID_LIMIT) {
      int count = Math.min(GRID_LIMIT, p.batch() - first);
      if (cut.parts() == 1) launch(kernel, cut, p, first, count, null);
      else multiplyInParts(kernel, cut, p, first, count);
    }
  }

  private void multiplyInParts(CudaKernel kernel, Cut cut, Product p, int first, int count) {
    try (MemoryScope scope = MemoryScope.open("parts of a product")) {
      long elements = (long) count * cut.parts() * p.m() * p.n();
      DeviceMemory parts = p.device().allocate(p.at(elements));
      launch(kernel, cut, p, first, count, parts);
      sum(p, parts, 0, cut.parts(), first, count);
    }
  }

  /* struct GemmArgs: into c, or each part of k into its place in parts. */
  private static void launch(
      CudaKernel kernel, Cut cut, Product p, int first, int count, DeviceMemory parts) {
    long size = (long) p.m() * p.n();
    boolean whole = parts == null;
    KernelArgs args = p.device().args();
    pointer(args, p, p.a(), first);
    pointer(args, p, p.b(), first);
    args.pointer(whole ? p.c() : parts, whole ? p.at(p.offset() + first * size) : 0)
        .pointer(whole ? p.bias() : null, p.at(p.biasOffset()))
        .i64(p.a().batchStride())
        .i64(p.b().batchStride())
        .i64(whole ? size : size * cut.parts())
        .i64(size)
        .i32(p.m())
        .i32(p.n())
        .i32(p.k())
        .i32(p.a().stride())
        .i32(p.b().stride())
        .i32(p.n())
        .i32(p.a().transposed() ? 0 : 1)
        .i32(p.b().transposed() ? 0 : 1)
        .i32(cut.partLength());
    Tile tile = cut.tile();
    int shared = tile == Tile.TENSOR ? Tile.TENSOR_SHARED_BYTES : 0;
    kernel.launch(args, tile.blocks(p.m(), p.n()), cut.parts(), count, tile.threads, shared);
  }

  private static void pointer(KernelArgs args, Product p, Matrix x, int first) {
    args.pointer(x.memory(), p.at(x.offset() + first * x.batchStride()));
  }

  /** Adds the bias to c. */
  static void addBias(Product p) {
    for (int first = 0; first < p.batch(); first += GRID_LIMIT) {
      long at = p.offset() + first * (long) p.m() * p.n();
      sum(p, p.c(), at, 1, first, Math.min(GRID_LIMIT, p.batch() - first));
    }
  }

  /* struct GemmSumArgs: adds up parts of k, and the bias, into c; a single part may be c itself. */
  private static void sum(Product p, DeviceMemory parts, long at, int count, int first, int batch) {
    long size = (long) p.m() * p.n();
    CudaKernel kernel = p.device().kernel("gemm", "gemm_sum_" + p.type().suffix);
    KernelArgs args =
        p.device()
            .args()
            .pointer(parts, p.at(at))
            .pointer(p.c(), p.at(p.offset() + first * size))
            .pointer(p.bias(), p.at(p.biasOffset()))
            .i64(size)
            .i32(p.m())
            .i32(p.n())
            .i32(p.n())
            .i32(count);
    kernel.launch(args, kernel.blocks(size, SUM_THREADS), 1, batch, SUM_THREADS, 0);
  }

  private CudaKernel kernel(Product p, Tile tile) {
    if (tile != Tile.TENSOR)
      return p.device().kernel("gemm", "gemm_" + tile.kernel + "_" + p.type().suffix);
    if (p.device().capability() < TENSOR_CAPABILITY)
      throw new IllegalStateException(
          "%s=%s needs compute capability 8.0, %s has %s; set %s=f32"
              .formatted(
                  Precision.PROPERTY,
                  p.precision(),
                  p.device(),
                  p.device().capability() / 10.0,
                  Precision.PROPERTY));
    String unit = "gemm_" + p.precision();
    String layout = (p.a().transposed() ? "t" : "n") + (p.b().transposed() ? "t" : "n");
    CudaKernel kernel = p.device().kernel(unit, unit + "_" + layout + "_f32");
    if (prepared.add(kernel)) kernel.withSharedMemory(Tile.TENSOR_SHARED_BYTES);
    return kernel;
  }

  @Override
  public String name() {
    return "own kernels";
  }
}
