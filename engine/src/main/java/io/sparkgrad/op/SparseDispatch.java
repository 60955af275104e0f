package io.sparkgrad.op;

import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;

/** The few operations that take row-sparse tensors: those that a gradient meets. */
public final class SparseDispatch {
  private SparseDispatch() {}

  /**
   * Whether an input is row-sparse.
   *
   * @param before inputs that come before these
   * @throws NullPointerException if one is missing, naming its place
   */
  static boolean isMeant(Op op, int before, Tensor... in) {
    boolean sparse = false;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == null)
        throw new NullPointerException(
            "%s: tensor %d of %d is null".formatted(op.name(), before + i + 1, before + in.length));
      sparse |= in[i].isSparse();
    }
    return sparse;
  }

  /** As {@link Ops#call}, where an input is row-sparse. */
  static Tensor call(Op op, Tensor... in) {
    Tensor out = op.forwardSparse(in);
    if (out == null) throw refused(op.name(), in);
    return out;
  }

  /** As {@link Ops#inPlace}. */
  static Tensor inPlace(Op op, Tensor target, Tensor... others) {
    Tensor written = target.isSparse() ? null : op.inPlaceSparse(target, others);
    if (written != null) return written;
    Tensor[] in = new Tensor[others.length + 1];
    in[0] = target;
    System.arraycopy(others, 0, in, 1, others.length);
    if (target instanceof RowSparse t && call(op, in) instanceof RowSparse result)
      return t.become(result);
    throw refused(op.name() + "_", in);
  }

  /**
   * An op that is linear in the numbers of its row-sparse first input and the same for all rows, on
   * those numbers; null where another input is more than a number, or sparse.
   */
  public static Tensor onValues(Op op, Tensor... in) {
    for (int i = 1; i < in.length; i++) if (in[i].isSparse() || in[i].dim() > 0) return null;
    if (!(in[0] instanceof RowSparse x)) return null;
    Tensor[] values = in.clone();
    values[0] = x.values();
    return x.withValues(Ops.call(op, values));
  }

  private static UnsupportedOperationException refused(String op, Tensor... in) {
    for (Tensor t : in) if (t instanceof RowSparse s) return s.notStrided(op);
    throw new IllegalArgumentException(op + ": no input is row-sparse");
  }
}
