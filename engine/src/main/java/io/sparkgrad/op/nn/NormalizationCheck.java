package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** What normalizations are given, with PyTorch's errors. */
final class NormalizationCheck {
  private NormalizationCheck() {}

  /** A number a channel, dimension 1; null is none. */
  static void channels(String op, String what, Tensor t, Tensor x) {
    if (t == null) return;
    if (t.dim() != 1 || t.numel() != x.size(1))
      throw new IllegalArgumentException(
          "%s: %s should contain %d elements not %d: shapes %s and %s"
              .formatted(
                  op,
                  what,
                  x.size(1),
                  t.numel(),
                  Arrays.toString(t.shape()),
                  Arrays.toString(x.shape())));
    Require.sameType(op, x, what, t);
  }

  static void rank(String op, Tensor x) {
    if (x.dim() < 2)
      throw new IllegalArgumentException(
          "%s: expected at least 2 dimensions, the second one of channels, got an input of shape %s"
              .formatted(op, Arrays.toString(x.shape())));
    Require.floats(op, x);
  }

  /** One number has no variance. */
  static void severalPerChannel(String op, Tensor x) {
    if (x.numel() == x.size(1))
      throw new IllegalArgumentException(
          "%s: Expected more than 1 value per channel when training, got input size %s; choose a batch size that leaves no worker a single row, or call eval()"
              .formatted(op, Arrays.toString(x.shape())));
  }
}
