package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Set;

/** float16 and bfloat16: types that numbers are kept in, moved and compared, but not computed. */
final class StorageTypes {
  /* The operations that leave numbers what they are, or only compare them. */
  private static final Set<Class<? extends Op>> TAKEN =
      Set.of(
          AsStrided.class,
          AsStridedAdjoint.class,
          Cast.class,
          Cat.class,
          Clone.class,
          Compare.class,
          Copy.class,
          CopySlices.class,
          Diagonal.class,
          Expand.class,
          Flip.class,
          Gather.class,
          Move.class,
          Narrow.class,
          Nonzero.class,
          Permute.class,
          Roll.class,
          Scatter.class,
          Select.class,
          Slice.class,
          Split.class,
          Transpose.class,
          Triangle.class,
          Unbind.class,
          Unfold.class,
          View.class,
          ViewAdjoint.class,
          Where.class);

  private StorageTypes() {}

  /** Errors where the op would have to compute in such a type. */
  static void check(Op op, Tensor... in) {
    for (Tensor t : in)
      if (!t.dtype().isComputed() && !TAKEN.contains(op.getClass())) throw refused(op, t.dtype());
  }

  private static IllegalArgumentException refused(Op op, DType type) {
    return new IllegalArgumentException(
        "%s: %s stores numbers, it does not compute; cast first: .to(DType.FLOAT32)"
            .formatted(op.name(), type));
  }
}
