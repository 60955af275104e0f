package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.StridedIterator;

/** How ops that take an index are launched on a GPU; see {@code index.cuh} for the kernels. */
final class CudaIndex {
  private static final int THREADS = 256;

  private CudaIndex() {}

  static void gather(Op op, Tensor x, Tensor index, Tensor out, int d) {
    Gather.check(op.name(), x, index, d);
    if (index.numel() == 0) return;
    int[] base = x.strides().clone();
    if (x.dim() > 0) base[d] = 0;
    CudaDevice device = CudaDevice.of(x.device().ordinal());
    KernelArgs args = device.args();
    pointers(args, op, x, index, out);
    args.i32(index.numel())
        .i32(x.dim() == 0 ? 1 : x.shape()[d])
        .i32(x.dim() == 0 ? 0 : x.strides()[d]);
    CudaReduce.add(
        args,
        op.name(),
        new StridedIterator(
            index.shape(), new int[][] {base, index.strides(), out.strides()}, new int[3]));
    launch(device, op, op.unit(), x.dtype(), args, index.numel());
  }

  static void scatter(Op op, String kernel, Tensor out, Tensor index, Tensor src, int d) {
    Gather.check(op.name(), out, index, d);
    if (index.numel() == 0) return;
    boolean line = out.dim() == 0;
    int n = line ? 1 : index.shape()[d];
    int[] others = Dims.of(op.name(), index, new int[] {d}, false).kept();
    CudaDevice device = CudaDevice.of(out.device().ordinal());
    KernelArgs args = device.args();
    pointers(args, op, out, index, src);
    args.i32(index.numel() / n)
        .i32(n)
        .i32(line ? 1 : out.shape()[d])
        .i32(line ? 0 : out.strides()[d])
        .i32(line ? 0 : index.strides()[d])
        .i32(line ? 0 : src.strides()[d]);
    CudaReduce.add(
        args,
        op.name(),
        new StridedIterator(
            Dims.pick(index.shape(), others),
            new int[][] {
              Dims.pick(out.strides(), others),
              Dims.pick(index.strides(), others),
              Dims.pick(src.strides(), others)
            },
            new int[3]));
    launch(device, op, kernel, out.dtype(), args, index.numel() / n);
  }

  private static void pointers(KernelArgs args, Op op, Tensor... all) {
    for (Tensor t : all) args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
    args.faults(op.name());
  }

  private static void launch(
      CudaDevice device, Op op, String name, DType type, KernelArgs args, int n) {
    CudaKernel kernel = device.kernel(op.unit(), name + "_" + type.kernelSuffix());
    kernel.launch(args, kernel.blocks(n, THREADS), THREADS);
  }
}
