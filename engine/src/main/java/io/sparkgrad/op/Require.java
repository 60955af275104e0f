package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;

/** Which types a method takes, where that is fewer than its operations would. */
final class Require {
  private Require() {}

  /** Errors unless all are floating. */
  static void floats(String method, Tensor... tensors) {
    for (Tensor t : tensors)
      if (!t.dtype().isFloatingPoint())
        throw new IllegalArgumentException(
            "%s: not implemented for %s; use .to(FLOAT32)".formatted(method, t.dtype()));
  }

  /** Errors for bools. */
  static void numbers(String method, Tensor... tensors) {
    for (Tensor t : tensors)
      if (t.dtype() == DType.BOOL)
        throw new IllegalArgumentException(
            "%s: not supported for a bool tensor; convert with .to(dtype)".formatted(method));
  }
}
