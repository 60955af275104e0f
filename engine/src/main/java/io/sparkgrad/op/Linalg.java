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
    if (self().dim() != 2 || vector.dim() != 1)
      throw new IllegalArgumentException(
          "mv: expected a matrix and a vector, got %dD and %dD"
              .formatted(self().dim(), vector.dim()));
    return Composite.of("mv", () -> mm(vector.unsqueeze(1)).squeeze(1), self(), vector);
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
    return Composite.of(
        "dot", () -> self().unsqueeze(0).mm(other.unsqueeze(1)).reshape(), self(), other);
  }

  /** [m], [n] -> [m, n]: all products. */
  default Tensor outer(Tensor other) {
    if (self().dim() != 1 || other.dim() != 1)
      throw new IllegalArgumentException(
          "outer: Expected 1-D argument self and vec2, but got %d-D and %d-D"
              .formatted(self().dim(), other.dim()));
    return Composite.named("outer", () -> self().unsqueeze(1).mul(other.unsqueeze(0)));
  }

  /** beta·this + alpha·mat1·mat2, this broadcast. */
  default Tensor addmm(Tensor mat1, Tensor mat2, double beta, double alpha) {
    return Composite.of(
        "addmm", () -> self().mul(beta).add(mat1.mm(mat2), alpha), self(), mat1, mat2);
  }

  default Tensor addmm(Tensor mat1, Tensor mat2) {
    return Composite.of("addmm", () -> self().add(mat1.mm(mat2)), self(), mat1, mat2);
  }

  /** beta·this + alpha·batch1·batch2, batches of matrices. */
  default Tensor baddbmm(Tensor batch1, Tensor batch2, double beta, double alpha) {
    return Composite.of(
        "baddbmm", () -> self().mul(beta).add(batch1.bmm(batch2), alpha), self(), batch1, batch2);
  }

  /** beta·this + alpha·matrix·vector, this broadcast. */
  default Tensor addmv(Tensor matrix, Tensor vector, double beta, double alpha) {
    return Composite.of(
        "addmv", () -> self().mul(beta).add(matrix.mv(vector), alpha), self(), matrix, vector);
  }

  /** beta·this + alpha·vec1·vec2ᵀ, this broadcast. */
  default Tensor addr(Tensor vec1, Tensor vec2, double beta, double alpha) {
    if (vec1.dim() != 1 || vec2.dim() != 1)
      throw new IllegalArgumentException(
          "addr: Expected 1-D argument vec1 and vec2, but got "
              + vec1.dim()
              + "-D and "
              + vec2.dim()
              + "-D");
    return Composite.of(
        "addr", () -> self().mul(beta).add(vec1.outer(vec2), alpha), self(), vec1, vec2);
  }

  /** beta·this + alpha·Σ batch1·batch2 over the batch, this broadcast. */
  default Tensor addbmm(Tensor batch1, Tensor batch2, double beta, double alpha) {
    return Composite.of(
        "addbmm",
        () -> self().mul(beta).add(batch1.bmm(batch2).sum(0), alpha),
        self(),
        batch1,
        batch2);
  }

  /** As {@link #dot}, of real vectors. */
  default Tensor vdot(Tensor other) {
    return Composite.of("vdot", () -> dot(other), self(), other);
  }

  /** The sums of products over the last dimensions. */
  default Tensor inner(Tensor other) {
    if (self().dim() == 0 || other.dim() == 0) return self().mul(other);
    if (self().size(-1) != other.size(-1))
      throw new IllegalArgumentException(
          "inner() the last dimension must match on both input tensors but got shapes "
              + Arrays.toString(self().shape())
              + " and "
              + Arrays.toString(other.shape()));
    return tensordot(other, new int[] {-1}, new int[] {-1});
  }

  /** All products of elements, as blocks: a[i]·b for each element a[i] in its place. */
  default Tensor kron(Tensor other) {
    int rank = Math.max(self().dim(), other.dim());
    int[] a = new int[2 * rank];
    int[] b = new int[2 * rank];
    int[] shape = new int[rank];
    for (int d = 0; d < rank; d++) {
      int mine = d - rank + self().dim();
      int theirs = d - rank + other.dim();
      a[2 * d] = mine < 0 ? 1 : self().shape()[mine];
      b[2 * d + 1] = theirs < 0 ? 1 : other.shape()[theirs];
      a[2 * d + 1] = b[2 * d] = 1;
      shape[d] = a[2 * d] * b[2 * d + 1];
    }
    return Composite.named(
        "kron",
        () ->
            Ops.named(
                "UnsafeViewBackward0", self().reshape(a).mul(other.reshape(b)).reshape(shape)));
  }

  /** The sum of a matrix's diagonal. */
  default Tensor trace() {
    if (self().dim() != 2)
      throw new IllegalArgumentException(
          "trace: expected a matrix, but got tensor with dim " + self().dim());
    return Composite.of("trace", () -> self().diagonal().sum(), self());
  }

  /** Square matrices multiplied n times; of their inverses if n is negative. */
  default Tensor matrixPower(int n) {
    Matrices.checkSquare("matrixPower", self());
    Tensor factor = n < 0 ? inverse() : self();
    Tensor power = null;
    for (long rest = Math.abs((long) n); rest > 0; rest /= 2) {
      if (rest % 2 == 1) power = power == null ? factor : power.matmul(factor);
      if (rest > 1) factor = factor.matmul(factor);
    }
    return power == null ? Matrices.eye(self()).clone() : power.clone();
  }

  /** The product of this and other matrices, in the order that needs the fewest multiplications. */
  default Tensor chainMatmul(Tensor... others) {
    Tensor[] all = new Tensor[others.length + 1];
    all[0] = self();
    System.arraycopy(others, 0, all, 1, others.length);
    return MatrixChain.product(all);
  }

  /** The inverses of square matrices. */
  default Tensor inverse() {
    Matrices.checkSquare("inverse", self());
    return Composite.of(
        "inverse",
        "LinalgInvExBackward0",
        () -> Ops.call(new Solve(), self(), Matrices.eye(self())),
        self());
  }

  /** X with this·X = other. */
  default Tensor solve(Tensor other) {
    return Composite.of(
        "solve", "LinalgSolveExBackward0", () -> Solve.of(self(), other), self(), other);
  }

  /**
   * X with a·X = this, or with transpose aᵀ·X = this, for triangular a, whose diagonal counts as
   * ones if it is unitriangular.
   */
  default Tensor triangularSolve(
      Tensor a, boolean upper, boolean transpose, boolean unitriangular) {
    return Ops.call(new TriangularSolve(upper, transpose, unitriangular), self(), a);
  }

  /** The lower triangular L with L·Lᵀ = this. */
  default Tensor cholesky() {
    return cholesky(false);
  }

  /** As {@link #cholesky()}, or with {@code upper} its transpose. */
  default Tensor cholesky(boolean upper) {
    return Ops.call(new Cholesky(upper), self());
  }

  /** The determinants of square matrices. */
  default Tensor det() {
    return Ops.call(new Det(), self());
  }

  /** A determinant's sign, and the logarithm of its absolute value. */
  record SignLog(Tensor sign, Tensor logabsdet) {}

  default SignLog slogdet() {
    Tensor[] out = Ops.callAll(new Slogdet(), self());
    return new SignLog(out[0], out[1]);
  }

  /** ln det; NaN where the determinant is negative. */
  default Tensor logdet() {
    SignLog d = slogdet();
    return d.sign().lt(0).where(Tensor.number(Double.NaN), d.logabsdet());
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
