package io.sparkgrad.op.shape;

import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Require;
import java.util.Arrays;
import java.util.List;

/** Padding of a tensor at its sides: constant, reflect, replicate, circular. */
final class Padding {
  private static final List<String> MODES = List.of("constant", "reflect", "replicate", "circular");

  private Padding() {}

  static Tensor of(Tensor x, int[] pad, String mode, Scalar value) {
    return Composite.of("pad", node(mode, pad.length / 2), () -> padded(x, pad, mode, value), x);
  }

  private static Tensor padded(Tensor x, int[] pad, String mode, Scalar value) {
    if (pad.length % 2 != 0 || pad.length / 2 > x.dim())
      throw new IllegalArgumentException(
          "pad: %s: %s for shape %s"
              .formatted(
                  pad.length % 2 != 0
                      ? "Padding length must be divisible by 2"
                      : "Padding length too large",
                  Arrays.toString(pad),
                  Arrays.toString(x.shape())));
    if (!MODES.contains(mode))
      throw new IllegalArgumentException(
          "pad: mode must be constant, reflect, replicate or circular, got %s".formatted(mode));
    if (!mode.equals("constant")) {
      if (value.toDouble() != 0)
        throw new IllegalArgumentException(
            "pad: Padding mode \"%s\" doesn't take in value argument, got %s"
                .formatted(mode, value));
      checkRank(x.dim(), pad, mode);
      if (!mode.equals("circular")) {
        checkElements(x, pad.length / 2, mode);
        checkResult(x, pad, mode);
      }
    }
    Tensor y = x;
    for (int i = 0; i < pad.length / 2; i++) {
      int d = x.dim() - 1 - i;
      int before = pad[2 * i];
      int behind = pad[2 * i + 1];
      if (before == 0 && behind == 0) continue;
      y =
          mode.equals("constant")
              ? constant(y, d, before, behind, value)
              : y.indexSelect(d, sources(y.shape()[d], before, behind, mode).to(y.device()));
    }
    return y == x ? x.clone() : y;
  }

  /* The last dimensions of a batch of channels; but for circular the batch may be missing. */
  private static void checkRank(int rank, int[] pad, String mode) {
    int padded = pad.length / 2;
    boolean alone = !mode.equals("circular") && rank == padded + 1;
    if (padded == 0 || padded > 3 || rank != padded + 2 && !alone)
      throw new IllegalArgumentException(
          "pad: Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: "
              + "%s of %d dimensions of a %dD tensor".formatted(mode, padded, rank));
  }

  /* Only the batch may be empty. */
  private static void checkElements(Tensor x, int padded, String mode) {
    Require.floats("pad", x);
    boolean batch = mode.equals("reflect") || x.dim() == padded + 2;
    for (int d = batch ? 1 : 0; d < x.dim(); d++)
      if (x.size(d) == 0)
        throw new IllegalArgumentException(
            "pad: expected a tensor with possibly 0 batch size and other non-zero dimensions, got shape "
                + Arrays.toString(x.shape()));
  }

  /* One of the padded dimensions must be left. */
  private static void checkResult(Tensor x, int[] pad, String mode) {
    for (int i = 0; i < pad.length / 2; i++)
      if (x.size(-1 - i) + pad[2 * i] + pad[2 * i + 1] > 0) return;
    throw new IllegalArgumentException(
        "pad: %s by %s leaves nothing of shape %s"
            .formatted(mode, Arrays.toString(pad), Arrays.toString(x.shape())));
  }

  private static String node(String mode, int dims) {
    return switch (mode) {
      case "reflect" -> "ReflectionPad" + dims + "DBackward0";
      case "replicate" -> "ReplicationPad" + dims + "DBackward0";
      case "circular" -> "CopySlices";
      default -> "ConstantPadNdBackward0";
    };
  }

  /* A negative count cuts off. */
  private static Tensor constant(Tensor x, int d, int before, int behind, Scalar value) {
    int cut = Math.max(0, -before);
    Tensor inner = x.narrow(d, cut, x.shape()[d] - cut - Math.max(0, -behind));
    return Tensor.cat(List.of(strip(x, d, before, value), inner, strip(x, d, behind, value)), d);
  }

  private static Tensor strip(Tensor x, int d, int n, Scalar value) {
    int[] shape = x.shape().clone();
    shape[d] = Math.max(0, n);
    return x.newEmpty(shape).copy_(value.tensor("pad", x.dtype()));
  }

  private static Tensor sources(int n, int before, int behind, String mode) {
    int most = Math.max(before, behind);
    if (mode.equals("reflect") && most >= n)
      throw new IllegalArgumentException(
          "pad: Padding size should be less than the corresponding input dimension, but got: padding (%s, %s) at a dimension of size %s"
              .formatted(before, behind, n));
    if (mode.equals("circular") && most > n)
      throw new IllegalArgumentException(
          "pad: Padding value causes wrapping around more than once: (%s, %s) at a dimension of size %s"
              .formatted(before, behind, n));
    if (n == 0 || before + n + behind < 0)
      throw new IllegalArgumentException(
          "pad: (%s, %s) does not fit a dimension of size %s".formatted(before, behind, n));
    long[] from = new long[before + n + behind];
    for (int i = 0; i < from.length; i++) from[i] = source(i - before, n, mode);
    return Tensor.of(from, from.length);
  }

  private static int source(int i, int n, String mode) {
    return switch (mode) {
      case "replicate" -> Math.min(Math.max(i, 0), n - 1);
      case "circular" -> Math.floorMod(i, n);
      case "reflect" -> i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
      default ->
          throw new IllegalArgumentException(
              "pad: mode must be constant, reflect, replicate or circular, got " + mode);
    };
  }
}
