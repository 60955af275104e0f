package io.sparkgrad.op;

import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;

/** The few operations that take row-sparse tensors: those that a gradient meets. */
final class SparseOps {
  private SparseOps() {}

  static boolean isMeant(Tensor... in) {
    for (Tensor t : in) if (t.isSparse()) return true;
    return false;
  }

  /** As {@link Ops#call}, where an input is row-sparse. */
  static Tensor call(Op op, Tensor... in) {
    if (op instanceof Add add && in[0] instanceof RowSparse a) {
      Tensor b = in[1].mul(add.factor());
      return b instanceof RowSparse rows ? a.plus(rows) : b.add(a);
    }
    if (op instanceof Add add && in[1] instanceof RowSparse b) {
      Tensor a = in[0].clone();
      return a.indexAdd(0, b.indices().squeeze(0), b.values(), add.factor());
    }
    if (in[0] instanceof RowSparse x && actsOnValues(op, in)) {
      Tensor[] values = in.clone();
      values[0] = x.values();
      return x.withValues(Ops.call(op, values));
    }
    for (int i = 1; op instanceof Mul && i < in.length; i++)
      if (in[0].dim() == 0 && in[1] instanceof RowSparse) return call(op, in[1], in[0]);
    throw refused(op.name(), in);
  }

  /** As {@link Ops#inPlace}. */
  static Tensor inPlace(Op op, Tensor target, Tensor... others) {
    if (op instanceof Add add && others[0] instanceof RowSparse b && !target.isSparse()) {
      Tensor values = add.factor() == 1 ? b.values() : b.values().mul(add.factor());
      return target.indexAdd_(0, b.indices().squeeze(0), values.to(target.dtype()));
    }
    Tensor[] in = new Tensor[others.length + 1];
    in[0] = target;
    System.arraycopy(others, 0, in, 1, others.length);
    if (target instanceof RowSparse t && call(op, in) instanceof RowSparse result)
      return t.become(result);
    throw refused(op.name() + "_", in);
  }

  /* Linear in the values, and the same for all rows. */
  private static boolean actsOnValues(Op op, Tensor... in) {
    if (op instanceof Clone || op instanceof Cast || op instanceof Move || op instanceof Neg)
      return true;
    return (op instanceof Mul || op instanceof Div) && !in[1].isSparse() && in[1].dim() == 0;
  }

  private static UnsupportedOperationException refused(String op, Tensor... in) {
    for (Tensor t : in) if (t instanceof RowSparse s) return s.notStrided(op);
    throw new IllegalArgumentException(op + ": no input is row-sparse");
  }
}
