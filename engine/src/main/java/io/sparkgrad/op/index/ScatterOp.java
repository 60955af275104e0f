package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.shape.ViewAdjoint;
import java.util.Arrays;
import java.util.List;

/**
 * The family of copies of x to which src is written, or with which it is folded, at the places an
 * int64 index names along a dimension; in the order of src, so that equal indices give the same
 * bits each time.
 */
abstract class ScatterOp extends Op {
  final int dim;

  ScatterOp(int dim) {
    this.dim = dim;
  }

  @Override
  protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
    return MemoryOverlap.ANY;
  }

  /** Combines one element of {@code from} with the one of {@code to} that the index names. */
  abstract Gather.Pair pair(Storage to, Storage from);

  /** The kernel's name without its type. */
  String kernel() {
    return unit();
  }

  static void check(String op, Tensor x, Tensor index, Tensor src) {
    boolean fits = index.dim() == src.dim();
    for (int d = 0; fits && d < index.dim(); d++) fits = index.shape()[d] <= src.shape()[d];
    if (!fits && index.numel() > 0) {
      throw new IllegalArgumentException(
          "%s(): Expected index %s to be smaller than src %s in all dimensions"
              .formatted(op, Arrays.toString(index.shape()), Arrays.toString(src.shape())));
    }
    if (x.dtype() != src.dtype()) {
      throw new IllegalArgumentException(
          "%s(): Expected self.dtype to be equal to src.dtype: %s and %s"
              .formatted(op, x.dtype(), src.dtype()));
    }
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(name(), in[0], in[1], in[2]);
    Tensor out = Ops.copy(in[0]);
    write(out, in[1], in[2]);
    save(ctx, in);
    return new Tensor[] {out};
  }

  /** Saves what the derivative needs. */
  void save(Context ctx, Tensor... in) {
    ctx.save(in[1]);
  }

  /** Folds src into {@code out}. */
  final void write(Tensor out, Tensor index, Tensor src) {
    if (out.device().isCuda()) {
      CudaIndex.scatter(this, kernel(), out, index, src, Shape.dim(dim, out.dim()));
    } else {
      Gather.each(name(), out, index, src, dim, pair(out.storage(), src.storage()));
    }
  }

  /** The types of a kernel that computes. */
  static DType[] computed() {
    return Arrays.stream(DType.values()).filter(DType::isComputed).toArray(DType[]::new);
  }

  /**
   * A kernel for each type, by a CUDA C expression in y, what is there, and s, an element of src.
   */
  static String kernels(String kernel, String expression, DType... types) {
    StringBuilder text = new StringBuilder();
    for (DType t : types) {
      String c = t.cName();
      text.append(
          String.format(
              "KERNEL(%s_%s, 256, ScatterArgs) {"
                  + " scatter<%s>(args, [](%s y, %s s) -> %s { return %s; }); }%n",
              kernel, t.kernelSuffix(), c, c, c, c, expression));
    }
    return text.toString();
  }

  /** Elements of src beyond the index took no part: their gradient is 0. */
  static Tensor padded(Tensor g, int[] shape) {
    if (g.numel() == 0) return g.newZeros(shape);
    for (int d = 0; d < shape.length; d++) {
      if (g.shape()[d] == shape[d]) continue;
      int[] wider = g.shape().clone();
      wider[d] = shape[d];
      g = ViewAdjoint.ofNarrow(g, d, 0, wider);
    }
    return g;
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "Expected self.dtype to be equal to src.dtype",
            make.any(3),
            make.below(3, 2),
            make.below(3, 2)),
        errorInput(
            "Expected index [2] to be smaller than src [1] in all dimensions",
            make.any(3),
            make.below(3, 2),
            make.any(1)),
        errorInput(
            "index 3 is out of bounds for dimension 0 with size 3",
            make.any(3),
            make.below(1, 2).add(3),
            make.any(2)));
  }
}
