package io.sparkgrad.op.linalg;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.CallError;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/**
 * Products of vectors, matrices and batches of matrices by PyTorch's rules, made of the operations
 * that PyTorch makes them of.
 */
final class Matmul {
  private Matmul() {}

  static Tensor of(Tensor a, Tensor b) {
    if (a.dim() == 0 || b.dim() == 0) {
      throw new IllegalArgumentException(
          "both arguments to matmul need to be at least 1D, but they are %dD and %dD"
              .formatted(a.dim(), b.dim()));
    }
    try {
      return product(a, b);
    } catch (RuntimeException e) {
      throw CallError.of("matmul", e);
    }
  }

  private static Tensor product(Tensor a, Tensor b) {
    if (a.dim() == 2 && b.dim() == 2) return a.mm(b);
    if (a.dim() == 1 && b.dim() == 1) return a.dot(b);
    if (a.dim() == 1 && b.dim() == 2)
      return Ops.named("SqueezeBackward3", a.unsqueeze(0).mm(b).squeeze(0));
    if (a.dim() == 2 && b.dim() == 1) return a.mv(b);
    if (folds(a, b.dim())) return folded(a, b);
    if (folds(b, a.dim())) {
      Tensor y = folded(b.transpose(-2, -1), a.dim() == 2 ? a.t() : a);
      return a.dim() == 2 ? y.transpose(-2, -1).contiguous() : y;
    }
    return batched(a, b);
  }

  /* Whether the leading dimensions of a can be one: a single product serves them all. */
  private static boolean folds(Tensor a, int otherRank) {
    if (a.dim() < 3 || otherRank > 2) return false;
    boolean batchOfTransposed =
        a.dim() == 3
            && otherRank == 2
            && a.strides()[2] != 1
            && a.strides()[0] == a.shape()[1] * a.shape()[2];
    return !batchOfTransposed;
  }

  private static Tensor folded(Tensor a, Tensor b) {
    int[] shape = Arrays.copyOf(a.shape(), a.dim() + b.dim() - 2);
    if (b.dim() == 2) shape[shape.length - 1] = b.shape()[1];
    Tensor rows = a.reshape(Shape.numel(batchShape(a, 1)), a.size(-1));
    return unsafeView(b.dim() == 1 ? rows.mv(b) : rows.mm(b), shape);
  }

  private static Tensor batched(Tensor a, Tensor b) {
    Gemm.checkInner("matmul", a, b);
    int[] batch = Shape.broadcast("matmul", batchShape(a, 2), batchShape(b, 2));
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = a.size(-2);
    shape[batch.length + 1] = b.size(-1);
    return unsafeView(expanded(a, batch).bmm(expanded(b, batch)), shape);
  }

  private static int[] batchShape(Tensor t, int last) {
    return Arrays.copyOf(t.shape(), t.dim() - last);
  }

  private static Tensor expanded(Tensor t, int[] batch) {
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = t.size(-2);
    shape[batch.length + 1] = t.size(-1);
    return t.expand(shape).reshape(Shape.numel(batch), t.size(-2), t.size(-1));
  }

  /* Of a result that nobody else has seen: no view to autograd. */
  private static Tensor unsafeView(Tensor fresh, int... shape) {
    return Ops.named("UnsafeViewBackward0", fresh.view(shape));
  }
}
