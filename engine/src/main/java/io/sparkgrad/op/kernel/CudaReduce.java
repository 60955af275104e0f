package io.sparkgrad.op.kernel;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.DeviceMemory;
import io.sparkgrad.backend.cuda.KernelArgs;

/** How reductions are launched on a GPU; see {@code reduce.cuh} for the kernels. */
public final class CudaReduce {
  private static final int THREADS = 256;
  private static final int RANK = 8;
  /* So few folded elements that a block for each result would idle. */
  private static final int SHORT = 32;
  /* Folded elements that make a part worth a thread, or a block, of its own. */
  private static final int THREAD_PART = 64;
  private static final int BLOCK_PART = 2048;
  private static final int BLOCKS_PER_PROCESSOR = 8;
  /* An accumulator's largest size. */
  private static final int ACCUMULATOR_BYTES = 16;

  private CudaReduce() {}

  /** Folds the dims of x that {@code dims} names into {@code out}, whose numbers lie in a run. */
  public static void run(String unit, Tensor x, Dims dims, Tensor out) {
    CudaDevice device = CudaDevice.of(out.device().ordinal());
    String type = "_" + x.dtype().kernelSuffix();
    StridedIterator kept = StridedIterator.relative(dims.kept(), x);
    StridedIterator inner = StridedIterator.relative(dims.folded(), x);
    int outputs = out.numel();
    int folded = Shape.numel(Dims.pick(x.shape(), dims.folded()));
    boolean byThread = folded <= SHORT || outputs > 1 && kept.step(0) == 1 && inner.step(0) != 1;
    int across = byThread ? (outputs + THREADS - 1) / THREADS : outputs;
    int worth = Math.max(1, folded / (byThread ? THREAD_PART : BLOCK_PART));
    int parts = Math.max(1, Math.min(worth, device.processors() * BLOCKS_PER_PROCESSOR / across));
    DeviceMemory accumulators =
        parts == 1 ? null : device.allocate((long) parts * outputs * ACCUMULATOR_BYTES);
    KernelArgs args = device.args().pointer(x.storage().memory(), bytes(x));
    if (parts == 1) args.pointer(out.storage().memory(), bytes(out));
    else args.pointer(accumulators, 0);
    args.i32(outputs).i32(folded).i32(parts);
    add(args, unit, kept);
    add(args, unit, inner);
    device
        .kernel(unit, unit + (byThread ? "_thread" : "_block") + type)
        .launch(args, Math.min(across, 1 << 16), parts, 1, THREADS, 0);
    if (parts > 1) join(device, unit, type, accumulators, parts, out);
  }

  private static void join(
      CudaDevice device, String unit, String type, DeviceMemory sums, int parts, Tensor out) {
    KernelArgs args =
        device
            .args()
            .pointer(sums, 0)
            .pointer(out.storage().memory(), bytes(out))
            .i32(out.numel())
            .i32(parts);
    var kernel = device.kernel(unit, unit + "_join" + type);
    kernel.launch(args, kernel.blocks(out.numel(), THREADS), THREADS);
  }

  private static long bytes(Tensor t) {
    return (long) t.offset() * t.dtype().bytes();
  }

  /** The struct StridedShape and the steps of its operands, as {@code strided.cuh} has them. */
  public static void add(KernelArgs args, String unit, StridedIterator iterator) {
    check(unit, iterator.rank(), "dimensions that do not lie in one run", "contiguous()");
    args.i32(iterator.rank()).i32s(RANK, iterator.sizes());
    for (int k = 0; k < iterator.operands(); k++) args.i32s(RANK, iterator.steps(k));
  }

  /**
   * The struct StridedShape of all of a tensor's dimensions, for a kernel that wants their indices.
   */
  public static void addShape(KernelArgs args, String unit, int... shape) {
    check(unit, shape.length, "dimensions", "flatten()");
    args.i32(shape.length);
    for (int d = 0; d < RANK; d++) args.i32(d < shape.length ? shape[shape.length - 1 - d] : 0);
  }

  private static void check(String unit, int rank, String what, String mend) {
    if (rank <= RANK) return;
    throw new IllegalArgumentException(
        "%s: more than %s %s are not supported on a GPU; call %s first"
            .formatted(unit, RANK, what, mend));
  }

  /** The kernels of a reduction, a line a type; the fold is a template over T. */
  public static String source(String unit, String fold, String result, DType... types) {
    StringBuilder text = new StringBuilder("#include \"reduce.cuh\"\n\n").append(fold).append("\n");
    for (DType t : types) {
      text.append(
          String.format(
              "REDUCE(%s, %s, %s, %s, Fold<%s>)%n",
              unit,
              t.kernelSuffix(),
              t.cName(),
              result.equals("T") ? t.cName() : result,
              t.cName()));
    }
    return text.toString();
  }
}
