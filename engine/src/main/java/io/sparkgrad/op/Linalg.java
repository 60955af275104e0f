package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/** A tensor's methods of linear algebra. Operands are floating and of one dtype. */
public interface Linalg {
  private Tensor self() {
    return (Tensor) this;
  }

  /** [m, k]·[k, n] -> [m, n]. */
  default Tensor mm(Tensor other) {
    return Ops.call(new Mm(), self(), other);
  }

  /** [b, m, k]·[b, k, n] -> [b, m, n]. */
  default Tensor bmm(Tensor other) {
    return Ops.call(new Bmm(), self(), other);
  }

  /** [m, k]·[k] -> [m]. */
  default Tensor mv(Tensor vector) {
    return Ops.named("MvBackward0", mm(vector.unsqueeze(1)).squeeze(1));
  }

  /** [k]·[k] -> []. */
  default Tensor dot(Tensor other) {
    if (self().dim() != 1 || other.dim() != 1) {
      throw new IllegalArgumentException(
          "dot: 1D tensors expected, but got "
              + self().dim()
              + "D and "
              + other.dim()
              + "D tensors");
    }
    return Ops.named("DotBackward0", self().unsqueeze(0).mm(other.unsqueeze(1)).reshape());
  }

  /** [m], [n] -> [m, n]: all products. */
  default Tensor outer(Tensor other) {
    return self().unsqueeze(1).mul(other.unsqueeze(0));
  }

  /** beta·this + alpha·mat1·mat2, this broadcast. */
  default Tensor addmm(Tensor mat1, Tensor mat2, double beta, double alpha) {
    return Ops.named("AddmmBackward0", self().mul(beta).add(mat1.mm(mat2), alpha));
  }

  default Tensor addmm(Tensor mat1, Tensor mat2) {
    return Ops.named("AddmmBackward0", self().add(mat1.mm(mat2)));
  }

  /** beta·this + alpha·batch1·batch2, batches of matrices. */
  default Tensor baddbmm(Tensor batch1, Tensor batch2, double beta, double alpha) {
    return Ops.named("BaddbmmBackward0", self().mul(beta).add(batch1.bmm(batch2), alpha));
  }

  /** The sum over the last {@code dims} dimensions of this and the first of other. */
  default Tensor tensordot(Tensor other, int dims) {
    int[] mine = new int[dims];
    int[] others = new int[dims];
    for (int i = 0; i < dims; i++) {
      mine[i] = self().dim() - dims + i;
      others[i] = i;
    }
    return tensordot(other, mine, others);
  }

  /** The sum over pairs of dimensions, one of this and one of other. */
  default Tensor tensordot(Tensor other, int[] dimsSelf, int[] dimsOther) {
    StringBuilder a = letters(self().dim(), 'a');
    StringBuilder b = letters(other.dim(), 'A');
    for (int i = 0; i < dimsSelf.length; i++)
      b.setCharAt(
          Shape.dim(dimsOther[i], other.dim()), a.charAt(Shape.dim(dimsSelf[i], self().dim())));
    String free = (a + "" + b).replaceAll("[" + shared(a, b) + "]", "");
    return Tensor.einsum(a + "," + b + "->" + free, self(), other);
  }

  private static StringBuilder letters(int n, char first) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < n; i++) out.append((char) (first + i));
    return out;
  }

  /* The letters of a that b has, too, and one that neither has. */
  private static String shared(CharSequence a, CharSequence b) {
    return a.chars()
        .filter(c -> b.chars().anyMatch(o -> o == c))
        .collect(
            () -> new StringBuilder(" "), StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** this·weightᵀ + bias over the last dimension; weight [out, in], bias [out] or null. */
  default Tensor linear(Tensor weight, Tensor bias) {
    Tensor x = self();
    if (x.dim() == 2)
      return bias == null ? x.mm(weight.t()) : Ops.call(new Linear(), x, weight, bias);
    int[] shape = x.shape().clone();
    if (shape.length == 0)
      throw new IllegalArgumentException("linear: input must have at least one dimension");
    Tensor y =
        x.reshape(Shape.numel(Arrays.copyOf(shape, shape.length - 1)), x.size(-1))
            .linear(weight, bias);
    shape[shape.length - 1] = weight.shape()[0];
    return y.view(shape);
  }

  /**
   * The product of vectors, matrices or batches of them, by PyTorch's rules; batch dimensions
   * broadcast.
   */
  default Tensor matmul(Tensor other) {
    Tensor a = self();
    Tensor b = other;
    if (a.dim() == 0 || b.dim() == 0) {
      throw new IllegalArgumentException(
          "both arguments to matmul need to be at least 1D, but they are "
              + a.dim()
              + "D and "
              + b.dim()
              + "D");
    }
    if (a.dim() == 1 && b.dim() == 1) return a.dot(b);
    if (a.dim() == 1) return Ops.named("SqueezeBackward3", a.unsqueeze(0).matmul(b).squeeze(-2));
    if (b.dim() == 1 && a.dim() == 2) return a.mv(b);
    if (b.dim() == 1) return Ops.named("UnsafeViewBackward0", a.matmul(b.unsqueeze(1)).squeeze(-1));
    if (a.dim() == 2 && b.dim() == 2) return a.mm(b);
    Gemm.checkInner("matmul", a, b);
    int[] batch = Shape.broadcast("matmul", lead(a), lead(b));
    Tensor y = batched(a, batch).bmm(batched(b, batch));
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = a.size(-2);
    shape[batch.length + 1] = b.size(-1);
    return Ops.named("UnsafeViewBackward0", y.reshape(shape));
  }

  private static int[] lead(Tensor t) {
    return Arrays.copyOf(t.shape(), t.dim() - 2);
  }

  private static Tensor batched(Tensor t, int[] batch) {
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = t.size(-2);
    shape[batch.length + 1] = t.size(-1);
    return t.expand(shape).reshape(Shape.numel(batch), t.size(-2), t.size(-1));
  }
}
