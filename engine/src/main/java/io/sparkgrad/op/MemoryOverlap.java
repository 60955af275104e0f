package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.Arrays;

/**
 * The overlaps that an in-place operation refuses, by PyTorch's rules: a target that shows one
 * number several times, and operands that share numbers with it, where the result would depend on
 * the order of the writes. As there, operands with gaps between their numbers pass: they are copied
 * first.
 */
public enum MemoryOverlap {
  /** Every place gets the same value, whatever the order, or PyTorch does not look. */
  ALLOWED,
  /** An operand shares no number with the target, which may show one several times. */
  BETWEEN,
  /** The target must not show a number more than once. */
  WITHIN,
  /** As {@link #WITHIN}, and an operand shares all numbers with the target, in order, or none. */
  PARTIAL,
  /** As {@link #WITHIN}, and an operand shares no number with the target. */
  ANY;

  private static final String ADVICE =
      " a single memory location. Please clone() the tensor before performing the operation.";

  /** Errors if the target, or an operand together with it, is refused. */
  public void check(Tensor target, Tensor... operands) {
    if (this == ALLOWED) return;
    if (this != BETWEEN && repeats(target))
      throw new IllegalArgumentException(
          "unsupported operation: more than one element of the written-to tensor refers to"
              + ADVICE);
    if (this == WITHIN) return;
    for (Tensor t : operands) {
      if (t != null && t.storage().sharesWith(target.storage()) && refuses(target, t))
        throw new IllegalArgumentException(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to"
                + ADVICE);
    }
  }

  /**
   * A mask that holds at each place of a number of the target if the given one does at any of them:
   * a number that is shown several times is written by any of its places.
   */
  public static Tensor wherever(String op, Tensor mask, Tensor target) {
    if (!repeats(target) || mask.dtype().isFloatingPoint()) return mask;
    int[] once = new int[target.dim()];
    for (int d = 0; d < once.length; d++) once[d] = target.strides()[d] == 0 ? 1 : target.size(d);
    int[] shape = Shape.broadcast(op, mask.shape(), target.shape());
    if (!Arrays.equals(shape, target.shape())) return mask;
    return mask.expand(shape).ne(0).to(DType.INT64).sumToSize(once).ne(0);
  }

  private boolean refuses(Tensor target, Tensor t) {
    boolean apart = this == ANY || this == BETWEEN;
    if (t == target) return apart;
    if (t.numel() == 0 || target.numel() == 0) return false;
    TensorGeometry a = TensorGeometry.of(target);
    TensorGeometry b = TensorGeometry.of(t);
    if (!a.isDense() || !b.isDense() || a.end() <= b.offset() || b.end() <= a.offset())
      return false;
    boolean same = a.offset() == b.offset() && Arrays.equals(a.strides(), b.strides());
    return apart || !same || a.end() != b.end();
  }

  private static boolean repeats(Tensor t) {
    boolean repeats = false;
    for (int d = 0; d < t.dim(); d++) {
      if (t.shape()[d] == 0) return false;
      repeats |= t.strides()[d] == 0 && t.shape()[d] > 1;
    }
    return repeats;
  }
}
