package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import java.util.Arrays;
import java.util.List;

/**
 * The indices of the elements that are not 0, a row each, in row-major order. No derivative. How
 * many there are decides the result's shape: on a GPU the call waits for that one number.
 */
final class Nonzero extends Op implements Op.TakesStorageTypes {
  private static final int THREADS = 256;
  /* Elements that a block of the kernels counts, as in the CUDA text. */
  private static final int CHUNK = 8 * THREADS;

  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor found = x.ne(0L).contiguous();
    Tensor rows = x.device().isCuda() ? onCuda(found) : onCpu(found);
    return new Tensor[] {Ops.copy(rows.t()).t()}; // PyTorch's lies columns first
  }

  private static Tensor onCpu(Tensor mask) {
    boolean[] found = mask.storage().array();
    int[] shape = mask.shape();
    long[] indices = new long[found.length * shape.length];
    int rows = 0;
    for (int i = 0; i < found.length; i++) {
      if (!found[i]) continue;
      for (int d = shape.length - 1, rest = i; d >= 0; rest /= shape[d--])
        indices[rows * shape.length + d] = rest % shape[d];
      rows++;
    }
    return Tensor.of(Arrays.copyOf(indices, rows * shape.length), rows, shape.length);
  }

  private Tensor onCuda(Tensor mask) {
    CudaDevice device = CudaDevice.of(mask.device().ordinal());
    int chunks = (mask.numel() + CHUNK - 1) / CHUNK;
    if (chunks == 0) return mask.newZeros(0, mask.dim()).to(DType.INT64);
    Tensor counts = Tensor.empty(mask.device(), DType.INT64, chunks);
    launch(device, "count", mask, counts, null);
    Tensor upTo = counts.cumsum(0);
    int rows = (int) upTo.select(0, chunks - 1).item();
    Tensor out = Tensor.empty(mask.device(), DType.INT64, rows, mask.dim());
    if (out.numel() > 0) launch(device, "write", mask, upTo, out);
    return out;
  }

  private void launch(CudaDevice device, String step, Tensor mask, Tensor counts, Tensor out) {
    CudaKernel kernel = device.kernel(unit(), unit() + "_" + step);
    KernelArgs args = device.args().pointer(mask.storage().memory(), mask.offset());
    args.pointer(counts.storage().memory(), 0)
        .pointer(out == null ? null : out.storage().memory(), 0)
        .i32(mask.numel())
        .i32(counts.numel());
    CudaReduce.addShape(args, name(), mask.shape());
    kernel.launch(args, kernel.blocks(counts.numel(), 1), THREADS);
  }

  @Override
  public String cudaSource() {
    return """
        #include "nonzero.cuh"

        KERNEL(nonzero_count, 256, NonzeroArgs) {
          SHARED int mine[256];
          count_found(args, mine);
        }
        KERNEL(nonzero_write, 256, NonzeroArgs) {
          SHARED int mine[256];
          write_found(args, mine);
        }
        """;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    throw new IllegalStateException("the derivative for nonzero is not implemented");
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.below(2, 3, 4)),
        new SampleInput(this, make.below(2, 5)),
        new SampleInput(this, make.below(2)),
        new SampleInput(this, make.below(3, 2, 3, 2, 1, 2)),
        new SampleInput(this, make.below(2, 90, 50)),
        new SampleInput(this, make.below(1, 4, 3)),
        new SampleInput(this, make.below(2, 0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case ERRORS -> "takes every tensor";
      default -> super.exempt(check);
    };
  }
}
