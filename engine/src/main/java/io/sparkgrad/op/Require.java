package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;

/** Which types a method takes, where that is fewer than its operations would. */
public final class Require {
  private Require() {}

  /** Errors unless all are floating. */
  public static void floats(String method, Tensor... tensors) {
    for (Tensor t : tensors)
      if (!t.dtype().isFloatingPoint())
        throw new IllegalArgumentException(
            "%s: not implemented for %s; use .to(FLOAT32)".formatted(method, t.dtype()));
  }

  /** Errors for bools. */
  public static void numbers(String method, Tensor... tensors) {
    for (Tensor t : tensors)
      if (t.dtype() == DType.BOOL)
        throw new IllegalArgumentException(
            "%s: not supported for a bool tensor; convert with .to(dtype)".formatted(method));
  }

  /** Errors for operands that are not promoted to each other's type. */
  public static void sameType(String method, Tensor x, String argument, Tensor other) {
    if (x.dtype() != other.dtype())
      throw new IllegalArgumentException(
          "%s: expected dtype %s for %s but got dtype %s; convert with .to(dtype)"
              .formatted(method, x.dtype(), argument, other.dtype()));
  }
}
