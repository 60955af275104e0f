package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.Loops;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.Arrays;
import java.util.List;

/**
 * The family of ops that compute each element from the elements at the same place, inputs broadcast
 * together. Every one has a loop in double, which serves all dtypes; {@link FloatLoop} and {@link
 * LongLoop} add a faster or exact one.
 */
public abstract class PointwiseOp extends Op {
  /** A loop of its own for float32 operands. */
  public interface FloatLoop {
    void run(int n, float[] y, float[][] x);
  }

  /** A loop of its own for integer and bool operands, exact over all of int64. */
  public interface LongLoop {
    void run(int n, long[] y, long[][] x);
  }

  /** Marks an op that has no form for integers and bools, as in PyTorch. */
  public interface FloatsOnly {}

  /** The loop that every op has; see {@link Loops.Kernel}. */
  protected abstract void run(int n, double[] y, double[][] x);

  /** The CUDA C expression of an element in T, over {@link #operands} and the attributes P(i). */
  protected abstract String cuda();

  /** The names of the operands in {@link #cuda}. */
  protected abstract String operands();

  /** Functions that {@link #cuda} calls and that only this op has. */
  protected String cudaHelpers() {
    return "";
  }

  /** The op's numbers, which {@link #cuda} knows as P(0), P(1), ... */
  protected double[] attributes() {
    return new double[0];
  }

  /** The attributes with those that are longs as they are. */
  protected Scalar[] scalars() {
    return Arrays.stream(attributes()).mapToObj(Scalar::of).toArray(Scalar[]::new);
  }

  /**
   * Whether PyTorch takes the numbers in vectors: then some slopes at NaN, that of hardswish at 3
   * and that of logit at -0.0 are those of the other side than in its scalar loops, which serve
   * short tensors and such with gaps.
   */
  public static boolean inVectors(Tensor x) {
    return TensorGeometry.of(x).isDense() && (long) x.numel() * x.dtype().bytes() >= 64;
  }

  /** The types that have a kernel of their own. */
  protected List<DType> kernelTypes() {
    return this instanceof LongLoop
        ? List.of(DType.FLOAT32, DType.FLOAT64, DType.INT64)
        : List.of(DType.FLOAT32, DType.FLOAT64);
  }

  /** The kernel that serves a type without one. */
  final DType kernelTypeFor(DType operands) {
    return this instanceof LongLoop && !operands.isFloatingPoint() ? DType.INT64 : DType.FLOAT64;
  }

  @Override
  public String cudaSource() {
    return CudaPointwise.source(this);
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.IN_PLACE ? null : super.exempt(check);
  }

  /** The wrong call of every in-place form: on a tensor that shows one number several times. */
  protected final ErrorInput noOverlap(MakeTensor make) {
    return errorInputInPlace(
        "more than one element of the written-to tensor refers to a single memory location",
        make.any(1).expand(3));
  }

  /** The type the operands meet in. */
  protected DType operandType(Tensor... in) {
    return DType.promote(in);
  }

  /** A type that must be floating. */
  protected final DType floating(DType type) {
    if (type.isFloatingPoint()) return type;
    throw new IllegalArgumentException(
        "%s: not implemented for %s; use .to(FLOAT32)".formatted(name(), type));
  }

  protected DType resultType(DType operands) {
    return operands;
  }

  protected int[] resultShape(Tensor... in) {
    int[] shape = in[0].shape();
    for (int k = 1; k < in.length; k++) shape = Shape.broadcast(name(), shape, in[k].shape());
    return shape;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    DType operands = operandType(in);
    Tensor out = newResult(resultType(operands), resultShape(in), in);
    fill(out, operands, in);
    save(ctx, out, in);
    return new Tensor[] {out};
  }

  /** Where the result is written: its numbers lie in the order of the operands' own. */
  protected Tensor newResult(DType dtype, int[] shape, Tensor... in) {
    return Ops.emptyLike(dtype, shape, in);
  }

  /* On the CPU only where operands are converted. */
  @Override
  final boolean makesTemporaries(Tensor... in) {
    for (Tensor t : in) if (t.device().isCuda() || t.dtype() != in[0].dtype()) return true;
    return false;
  }

  /** Saves what the derivative needs of what there is already; default nothing. */
  protected void save(Context ctx, Tensor out, Tensor... in) {}

  @Override
  boolean forwardInto(Tensor target, Tensor... in) {
    DType operands = operandType(in);
    if (resultType(operands) != target.dtype() || !Arrays.equals(resultShape(in), target.shape()))
      return false;
    for (int k = 1; k < in.length; k++) {
      if (in[k].storage().sharesWith(target.storage()))
        return false; // a later element may read an earlier result
    }
    fill(target, operands, in);
    return true;
  }

  private void fill(Tensor out, DType operands, Tensor... in) {
    if (out.device().isCuda()) {
      CudaPointwise.run(this, operands, out, converted(operands, in));
    } else if (operands == DType.FLOAT32 && this instanceof FloatLoop loop) {
      Loops.pointwise(ElementType.FLOAT, loop::run, out, in);
    } else if (!operands.isFloatingPoint() && this instanceof LongLoop loop) {
      Loops.pointwise(ElementType.LONG, loop::run, out, converted(operands, in));
    } else {
      Loops.pointwise(ElementType.DOUBLE, this::run, out, converted(operands, in));
    }
  }

  /*
   * The operands in the type they meet in where the loop's is wider: 0.1 beside float32 is 0.1f,
   * and 300 beside uint8 is 44.
   */
  private static Tensor[] converted(DType type, Tensor... in) {
    if (type == DType.FLOAT64 || type == DType.INT64) return in;
    Tensor[] same = in;
    for (int k = 0; k < in.length; k++) {
      if (in[k].dtype().fitsInto(type)) continue;
      if (same == in) same = in.clone();
      same[k] = Ops.copy(in[k], in[k].device(), type);
    }
    return same;
  }
}
