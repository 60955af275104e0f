package io.sparkgrad.op.kernel;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel is given: a struct of pointers to tensors that lie in runs, then ints. Its C is the
 * description, which goes into the kernel's source and which a launch is held to; the kernel's name
 * is the unit's, with the type behind it.
 *
 * <pre>{@code
 * static final CudaArgs ARGS = new CudaArgs("struct Args {\n  const void* x;\n  void* y;\n  int size[2];\n};\n");
 * }</pre>
 */
public final class CudaArgs {
  private static final Pattern FIELD =
      Pattern.compile("(?m)^  (?:const )?[a-z ]+(\\*?) \\w+(?:\\[(\\d+)\\])?;");

  private final String struct;
  private final int pointers;
  private final int ints;

  public CudaArgs(String struct) {
    this.struct = struct;
    int pointers = 0;
    int ints = 0;
    for (Matcher field = FIELD.matcher(struct); field.find(); )
      if (!field.group(1).isEmpty()) pointers++;
      else ints += field.group(2) == null ? 1 : Integer.parseInt(field.group(2));
    this.pointers = pointers;
    this.ints = ints;
  }

  /** A thread for each of n pieces of work. */
  public void threads(String unit, DType type, int n, Tensor[] tensors, int... sizes) {
    CudaKernel kernel = kernel(unit, type, tensors);
    kernel.launch(fill(unit, tensors, sizes), kernel.blocks(n, 64), 64);
  }

  /** A block of so many threads for each of n pieces of work. */
  public void blocks(String unit, DType type, int n, int threads, Tensor[] tensors, int... sizes) {
    CudaKernel kernel = kernel(unit, type, tensors);
    kernel.launch(fill(unit, tensors, sizes), kernel.blocks(n, 1), threads);
  }

  private static CudaKernel kernel(String unit, DType type, Tensor[] tensors) {
    String name = unit + "_" + type.kernelSuffix();
    return CudaDevice.of(tensors[0].device().ordinal()).kernel(unit, name);
  }

  private KernelArgs fill(String unit, Tensor[] tensors, int... sizes) {
    if (tensors.length != pointers || sizes.length != ints)
      throw new IllegalArgumentException(
          "the kernel %s takes %d pointers and %d ints, got %d and %d"
              .formatted(unit, pointers, ints, tensors.length, sizes.length));
    KernelArgs args = CudaDevice.of(tensors[0].device().ordinal()).args();
    for (Tensor t : tensors)
      args.pointer(t.storage().memory(), (long) t.offset() * t.dtype().bytes());
    for (int size : sizes) args.i32(size);
    return args;
  }

  /** The struct in C. */
  @Override
  public String toString() {
    return struct;
  }
}
