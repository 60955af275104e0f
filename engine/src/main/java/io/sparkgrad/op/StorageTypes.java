package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;

/** float16 and bfloat16: types that numbers are kept in, moved and compared, but not computed. */
final class StorageTypes {
  private StorageTypes() {}

  /** Errors where the op would have to compute in such a type. */
  static void check(Op op, Tensor... in) {
    for (Tensor t : in)
      if (!t.dtype().isComputed() && !(op instanceof Op.TakesStorageTypes))
        throw refused(op, t.dtype());
  }

  private static IllegalArgumentException refused(Op op, DType type) {
    return new IllegalArgumentException(
        "%s: %s stores numbers, it does not compute; cast first: .to(DType.FLOAT32)"
            .formatted(op.name(), type));
  }
}
