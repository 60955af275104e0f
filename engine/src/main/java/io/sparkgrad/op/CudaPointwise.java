package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.kernel.StridedIterator;

/** Elementwise kernels on a GPU: how their source is written and how they are launched. */
final class CudaPointwise {
  private static final int OPERANDS = 3;
  private static final int RANK = 8;
  private static final int ATTRIBUTES = 4;
  private static final int THREADS = 256;
  private static final int VECTOR_BYTES = 16;

  private CudaPointwise() {}

  /** A unit with one kernel a type: the op's expression over its operands. */
  static String source(PointwiseOp op) {
    StringBuilder text = new StringBuilder("#include \"pointwise.cuh\"\n").append(op.cudaHelpers());
    for (DType type : op.kernelTypes()) {
      DType result = op.resultType(type);
      text.append(kernel(op.unit(), op.operands(), type, result, op.cuda()));
    }
    return text.toString();
  }

  /** The text of one kernel; operands it does not name are there without a name. */
  static String kernel(String unit, String operands, DType from, DType to, String expression) {
    String[] names = (operands + ", , ").split(",", -1);
    return String.format(
        "%nKERNEL(%s_%s, %d, PointwiseArgs) {%n  using T = %s;%n  pointwise<T, %s>(args, [&](T %s, T"
            + " %s, T %s) { return %s; });%n}%n",
        unit,
        from.kernelSuffix(),
        THREADS,
        from.cName(),
        to.cName(),
        names[0].trim(),
        names[1].trim(),
        names[2].trim(),
        expression);
  }

  /** Fills {@code out}; operands of another type than the kernel's are converted first. */
  static void run(PointwiseOp op, DType operands, Tensor out, Tensor... in) {
    DType type = op.kernelTypes().contains(operands) ? operands : op.kernelTypeFor(operands);
    Tensor[] x = new Tensor[in.length];
    for (int k = 0; k < in.length; k++)
      x[k] = isCpuScalar(in[k]) || in[k].dtype() == type ? in[k] : converted(in[k], type);
    DType result = op.resultType(type);
    Tensor y = out.dtype() == result ? out : Tensor.empty(out.device(), result, out.shape());
    launch(op.unit(), op.unit() + "_" + type.kernelSuffix(), type, op.scalars(), y, x);
    if (y != out) Copy.copy(y, out);
  }

  private static Tensor converted(Tensor t, DType type) {
    return Ops.copy(t, t.device(), type);
  }

  /** One number on the CPU serves as an operand on any device. */
  static boolean isCpuScalar(Tensor t) {
    return !t.device().isCuda() && t.dim() == 0;
  }

  /** Launches a kernel over PointwiseArgs; operands are of {@code type} or numbers. */
  static void launch(
      String unit, String kernel, DType type, Scalar[] attributes, Tensor out, Tensor... in) {
    if (out.numel() == 0) return;
    StridedIterator iterator = new StridedIterator(out, in);
    if (iterator.rank() > RANK) {
      throw new IllegalArgumentException(
          "%s: operands with more than %s dimensions that do not lie in one run are not supported on %s; call contiguous() first"
              .formatted(unit, RANK, out.device()));
    }
    boolean plain = isPlain(iterator, in);
    CudaDevice device = CudaDevice.of(out.device().ordinal());
    CudaKernel k = device.kernel(unit, kernel);
    KernelArgs args = device.args();
    for (int i = 0; i < OPERANDS; i++) pointer(args, i < in.length ? in[i] : null);
    pointer(args, out);
    for (int i = 0; i < OPERANDS; i++) args.i64(i < in.length ? bits(in[i], type) : 0);
    attributes(args, type, attributes);
    args.i32(out.numel())
        .i32(plain ? 0 : iterator.rank())
        .i32(isAligned(out) && areAligned(in) ? 1 : 0)
        .i32s(RANK, iterator.sizes());
    for (int i = 0; i < OPERANDS; i++)
      args.i32s(RANK, i < in.length ? iterator.steps(i) : new int[0]);
    args.i32s(RANK, iterator.steps(in.length));
    int perThread = plain ? VECTOR_BYTES / type.bytes() : 1;
    k.launch(args, k.blocks(out.numel(), THREADS * perThread), THREADS);
  }

  private static void pointer(KernelArgs args, Tensor t) {
    if (t == null || isCpuScalar(t)) args.pointer(null, 0);
    else args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
  }

  private static long bits(Tensor t, DType type) {
    if (!isCpuScalar(t)) return 0;
    return bits(
        t.dtype().isFloatingPoint()
            ? Scalar.of(t.storage().getDouble(t.offset()))
            : Scalar.of(t.storage().getLong(t.offset())),
        type);
  }

  /* A kernel over int64 takes a long, every other a double. */
  private static long bits(Scalar s, DType type) {
    return type == DType.INT64 ? s.toLong() : Double.doubleToRawLongBits(s.toDouble());
  }

  private static void attributes(KernelArgs args, DType type, Scalar[] attributes) {
    for (int i = 0; i < ATTRIBUTES; i++)
      args.i64(i < attributes.length ? bits(attributes[i], type) : 0);
  }

  private static boolean isPlain(StridedIterator iterator, Tensor... in) {
    if (iterator.rank() > 1) return false;
    for (int k = 0; k <= in.length; k++) {
      boolean number = k < in.length && isCpuScalar(in[k]);
      if (!number && iterator.step(k) != 1) return false;
    }
    return true;
  }

  private static boolean areAligned(Tensor... in) {
    for (Tensor t : in) if (!isCpuScalar(t) && !isAligned(t)) return false;
    return true;
  }

  /* A multiple of 16 elements is aligned for a vector of any type. */
  private static boolean isAligned(Tensor t) {
    return t.offset() % VECTOR_BYTES == 0;
  }
}
