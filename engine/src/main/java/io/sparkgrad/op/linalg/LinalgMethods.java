package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** A tensor's methods of linear algebra. Operands are numbers of one dtype. */
public interface LinalgMethods {
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
    return Composite.of(
        "mv", () -> mm(vector.unsqueeze(1)).squeeze(1).to(vector.dtype()), self(), vector);
  }

  /** [k]·[k] -> []. */
  default Tensor dot(Tensor other) {
    if (self().dim() != 1 || other.dim() != 1) {
      throw new IllegalArgumentException(
          "dot: 1D tensors expected, but got %sD and %sD tensors"
              .formatted(self().dim(), other.dim()));
    }
    Gemm.checkTypes("dot", self(), other);
    return Composite.of(
        "dot", () -> self().unsqueeze(0).mm(other.unsqueeze(1)).reshape(), self(), other);
  }

  /** [m], [n] -> [m, n]: all products. */
  default Tensor outer(Tensor other) {
    requireVector("self", self());
    requireVector("vec2", other);
    return Composite.named("outer", () -> self().reshape(self().numel(), 1).mul(other));
  }

  private static void requireVector(String argument, Tensor t) {
    if (t.dim() != 1)
      throw new IllegalArgumentException(
          "outer: Expected 1-D argument %s, but got %d-D".formatted(argument, t.dim()));
  }

  /** beta·this + alpha·mat1·mat2, this expanded; what has the coefficient 0 is not read. */
  default Tensor addmm(Tensor mat1, Tensor mat2, double beta, double alpha) {
    requireOneType("addmm", mat1, mat2);
    return Composite.of(
        "addmm",
        () -> Ops.call(new AddProduct(beta, alpha), self(), mat1.mm(mat2)),
        self(),
        mat1,
        mat2);
  }

  default Tensor addmm(Tensor mat1, Tensor mat2) {
    return addmm(mat1, mat2, 1, 1);
  }

  /**
   * As {@link #addmm(Tensor, Tensor, double, double)}, of batches of matrices; the result is of the
   * factors' type.
   */
  default Tensor baddbmm(Tensor batch1, Tensor batch2, double beta, double alpha) {
    return Composite.of(
        "baddbmm",
        () -> Ops.call(new AddProduct(beta, alpha), self(), batch1.bmm(batch2)),
        self(),
        batch1,
        batch2);
  }

  /**
   * beta·this + alpha·matrix·vector, this vector or number expanded, of the factors' type; see
   * {@link #addmm}.
   */
  default Tensor addmv(Tensor matrix, Tensor vector, double beta, double alpha) {
    return Composite.of(
        "addmv",
        () -> Ops.call(new AddProduct(beta, alpha), self(), matrix.mv(vector)),
        self(),
        matrix,
        vector);
  }

  /* baddbmm and addmv give the factors' type to a receiver of another: only in place none fits. */
  private void requireOneType(String op, Tensor a, Tensor b) {
    if (self().dtype() == a.dtype() && a.dtype() == b.dtype()) return;
    throw new IllegalArgumentException(
        "%s: expected self and both factors of one dtype, but found %s, %s and %s"
            .formatted(op, self().dtype(), a.dtype(), b.dtype()));
  }

  /**
   * beta·this + alpha·vec1·vec2ᵀ, this expanded; with beta 0 it is not read. Integers take whole
   * factors only, see {@link #addr(Tensor, Tensor, long, long)}.
   */
  default Tensor addr(Tensor vec1, Tensor vec2, double beta, double alpha) {
    if (!DType.promote(self(), vec1, vec2).isFloatingPoint())
      throw new IllegalArgumentException(
          "addr: For integral input tensors, argument beta and alpha must not be floating point"
              + " numbers, got %s and %s; use longs".formatted(beta, alpha));
    return addOuter(vec1, vec2, beta, alpha);
  }

  default Tensor addr(Tensor vec1, Tensor vec2, long beta, long alpha) {
    boolean bools = DType.promote(self(), vec1, vec2) == DType.BOOL;
    return addOuter(vec1, vec2, bools && beta != 0 ? 1 : beta, bools && alpha != 0 ? 1 : alpha);
  }

  private Tensor addOuter(Tensor vec1, Tensor vec2, double beta, double alpha) {
    if (vec1.dim() != 1 || vec2.dim() != 1)
      throw new IllegalArgumentException(
          "addr: Expected 1-D argument vec1 and vec2, but got %s-D and %s-D"
              .formatted(vec1.dim(), vec2.dim()));
    return Composite.of(
        "addr",
        () -> Ops.call(AddProduct.outer(beta, alpha), self(), vec1.outer(vec2)),
        self(),
        vec1,
        vec2);
  }

  /** beta·this + alpha·Σ batch1·batch2 over the batch, this expanded; see {@link #addmm}. */
  default Tensor addbmm(Tensor batch1, Tensor batch2, double beta, double alpha) {
    requireOneType("addbmm", batch1, batch2);
    return Composite.of(
        "addbmm",
        () ->
            Ops.call(
                new AddProduct(beta, alpha), self(), batch1.bmm(batch2).sum(0).to(batch1.dtype())),
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
    if (self().dim() == 0 || other.dim() == 0)
      return Composite.named("inner", () -> self().mul(other));
    if (self().size(-1) != other.size(-1))
      throw new IllegalArgumentException(
          "inner() the last dimension must match on both input tensors but got shapes %s and %s"
              .formatted(Arrays.toString(self().shape()), Arrays.toString(other.shape())));
    return Composite.named("inner", () -> tensordot(other, new int[] {-1}, new int[] {-1}));
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
    String node = "UnsafeViewBackward0";
    return Composite.named(
        "kron",
        () -> {
          Tensor product = Ops.named(node, self().view(a)).mul(Ops.named(node, other.view(b)));
          return Ops.named(node, product.view(shape));
        });
  }

  /** The sum of a matrix's diagonal. */
  default Tensor trace() {
    Require.numbers("trace", self());
    if (self().dim() != 2)
      throw new IllegalArgumentException(
          "trace: expected a matrix, but got tensor with dim " + self().dim());
    Require.numbers("trace", self());
    return Composite.of("trace", () -> self().diagonal().sum(), self());
  }

  /** Square matrices multiplied n times; of their inverses if n is negative. */
  default Tensor matrixPower(int n) {
    GaussElimination.checkSizes("matrixPower", self());
    if (n == 1) return self().clone();
    if (n == 0) return self().clone().copy_(GaussElimination.eye(self()));
    if (n < 0) return n == -1 ? inverse() : inverse().matrixPower(-n);
    return Composite.named("matrixPower", () -> product(n));
  }

  private Tensor product(int n) {
    if (n == 3) return self().matmul(self()).matmul(self());
    Tensor factor = self();
    Tensor power = null;
    for (int rest = n; rest > 0; rest /= 2) {
      if (rest < n) factor = factor.matmul(factor);
      if (rest % 2 == 1) power = power == null ? factor : power.matmul(factor);
    }
    return power;
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
    return Ops.call(new Inverse(), self());
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
    SignLog d = Composite.named("logdet", this::slogdet);
    return d.sign().lt(0).where(Tensor.number(Double.NaN), d.logabsdet());
  }

  /** The sum over the last {@code dims} dimensions of this and the first of other. */
  default Tensor tensordot(Tensor other, int dims) {
    return Tensordot.of(self(), other, dims);
  }

  /** The sum over pairs of dimensions, one of this and one of other. */
  default Tensor tensordot(Tensor other, int[] dimsSelf, int[] dimsOther) {
    return Tensordot.of(self(), other, dimsSelf, dimsOther);
  }

  /** this·weightᵀ + bias over the last dimension; weight [out, in], bias [out] or null. */
  default Tensor linear(Tensor weight, Tensor bias) {
    Tensor x = self();
    if (x.dim() == 2 && bias != null) return Ops.call(new Linear(), x, weight, bias);
    if (x.dim() == 0)
      throw new IllegalArgumentException("linear: input must have at least one dimension");
    if (weight.dim() == 0)
      throw new IllegalArgumentException("linear: weight must be a matrix, got 0-D tensor");
    return Composite.named(
        "linear",
        () -> {
          if (bias == null) return x.matmul(weight.t());
          if (x.dim() == 1) {
            Tensor y = x.matmul(weight.t());
            if (!Shape.expandsTo(bias.shape(), y.shape()))
              throw new IllegalArgumentException(
                  "linear: output with shape %s doesn't match the broadcast shape of a bias of shape %s"
                      .formatted(Arrays.toString(y.shape()), Arrays.toString(bias.shape())));
            return y.add_(bias);
          }
          boolean inRows = x.dim() == 3 && x.isContiguous();
          if (!inRows) return x.matmul(weight.t()).add_(bias);
          int[] shape = x.shape().clone();
          int lead = Shape.numel(Arrays.copyOf(shape, shape.length - 1));
          Tensor rows = x.reshape(lead, x.size(-1));
          shape[shape.length - 1] = weight.shape()[0];
          return rows.linear(weight, bias).view(shape);
        });
  }

  /**
   * The product of vectors, matrices or batches of them, by PyTorch's rules; batch dimensions
   * broadcast.
   */
  default Tensor matmul(Tensor other) {
    return Matmul.of(self(), other);
  }

  /** As {@link #outer}. */
  default Tensor ger(Tensor vec2) {
    return outer(vec2);
  }

  default Tensor addmm_(Tensor mat1, Tensor mat2, double beta, double alpha) {
    return Composite.inPlace("addmm", x -> x.addmm(mat1, mat2, beta, alpha), self(), mat1, mat2);
  }

  default Tensor addmm_(Tensor mat1, Tensor mat2) {
    return addmm_(mat1, mat2, 1, 1);
  }

  default Tensor baddbmm(Tensor batch1, Tensor batch2) {
    return baddbmm(batch1, batch2, 1, 1);
  }

  default Tensor baddbmm_(Tensor batch1, Tensor batch2, double beta, double alpha) {
    requireOneType("baddbmm_", batch1, batch2);
    return Composite.inPlace(
        "baddbmm",
        unlessOfNothing(batch1),
        x -> x.baddbmm(batch1, batch2, beta, alpha),
        self(),
        batch1,
        batch2);
  }

  /* PyTorch looks only where there is nothing to multiply. */
  private static MemoryOverlap unlessOfNothing(Tensor factor) {
    return factor.numel() == 0 ? MemoryOverlap.WITHIN : MemoryOverlap.ALLOWED;
  }

  default Tensor addmv(Tensor matrix, Tensor vector) {
    return addmv(matrix, vector, 1, 1);
  }

  default Tensor addmv_(Tensor matrix, Tensor vector, double beta, double alpha) {
    requireOneType("addmv_", matrix, vector);
    return Composite.inPlace(
        "addmv",
        unlessOfNothing(matrix),
        x -> x.addmv(matrix, vector, beta, alpha),
        self(),
        matrix,
        vector);
  }

  default Tensor addr(Tensor vec1, Tensor vec2) {
    return addr(vec1, vec2, 1L, 1L);
  }

  default Tensor addr_(Tensor vec1, Tensor vec2, double beta, double alpha) {
    return Composite.inPlace("addr", x -> x.addr(vec1, vec2, beta, alpha), self(), vec1, vec2);
  }

  default Tensor addr_(Tensor vec1, Tensor vec2, long beta, long alpha) {
    return Composite.inPlace("addr", x -> x.addr(vec1, vec2, beta, alpha), self(), vec1, vec2);
  }

  default Tensor addbmm(Tensor batch1, Tensor batch2) {
    return addbmm(batch1, batch2, 1, 1);
  }

  default Tensor addbmm_(Tensor batch1, Tensor batch2, double beta, double alpha) {
    return Composite.inPlace(
        "addbmm", x -> x.addbmm(batch1, batch2, beta, alpha), self(), batch1, batch2);
  }

  /** The products of vectors of 3 along a dimension that are at right angles to both. */
  default Tensor cross(Tensor other, int dim) {
    int d = Shape.dim(dim, self().dim());
    Require.sameType("cross", self(), "other", other);
    if (self().dim() != other.dim())
      throw new IllegalArgumentException(
          "cross: inputs must have the same number of dimensions, got %d and %d"
              .formatted(self().dim(), other.dim()));
    if (self().size(d) != 3 || other.size(d) != 3)
      throw new IllegalArgumentException(
          "cross: inputs dimension %d must have length 3. Got %d and %d"
              .formatted(dim, self().size(d), other.size(d)));
    return Composite.of(
        "cross",
        "LinalgCrossBackward0",
        () ->
            self()
                .roll(-1, d)
                .mul(other.roll(-2, d))
                .sub(self().roll(-2, d).mul(other.roll(-1, d))),
        self(),
        other);
  }

  /** As {@link #cross(Tensor, int)}, along the first dimension of size 3. */
  default Tensor cross(Tensor other) {
    for (int d = 0; d < self().dim(); d++) if (self().size(d) == 3) return cross(other, d);
    throw new IllegalArgumentException(
        "cross: no dimension of size 3 in input: shape " + Arrays.toString(self().shape()));
  }
}
