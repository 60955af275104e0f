package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Scalar;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;

/** A tensor's methods for norms and distances. */
public interface NormMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The Euclidean norm of all elements. */
  default Tensor norm() {
    return norm(2);
  }

  default Tensor norm(double p) {
    return norm(p, new int[0], false);
  }

  default Tensor norm(double p, int dim) {
    return norm(p, new int[] {dim}, false);
  }

  /** (Σ |x|ᵖ)^(1/p) over dimensions; p may be infinite. */
  default Tensor norm(double p, int[] dim, boolean keepdim) {
    return Ops.call(new Norm(p, dim, keepdim), self());
  }

  /** The p-norm of the difference. */
  default Tensor dist(Tensor other, double p) {
    return Composite.of("dist", () -> self().sub(other).norm(p), self(), other);
  }

  /** The p-norms of the differences along the last dimension, eps added to each. */
  default Tensor pairwiseDistance(Tensor other, double p, double eps, boolean keepdim) {
    return Composite.named(
        "pairwiseDistance",
        () ->
            Ops.named("AddBackward1", self().sub(other).add(eps)).norm(p, new int[] {-1}, keepdim));
  }

  default Tensor pairwiseDistance(Tensor other) {
    return pairwiseDistance(other, 2, 1e-6, false);
  }

  /** The p-norms of the differences of all rows of this and all rows of other. */
  default Tensor cdist(Tensor other, double p) {
    Require.floats("cdist", self(), other);
    if (self().numel() > 0 && other.numel() > 0) Require.sameType("cdist", self(), "X2", other);
    return Ops.call(new Cdist(p), self(), other);
  }

  /** The cosine of the angle between vectors along a dimension; norms below eps count as eps. */
  default Tensor cosineSimilarity(Tensor other, int dim, double eps) {
    if (!DType.promote(self(), other).isFloatingPoint()) Require.floats("cosineSimilarity", self());
    int[] shape = Shape.broadcast("cosineSimilarity", self().shape(), other.shape());
    DType type = DType.promote(self(), other);
    if (!type.isFloatingPoint())
      throw new IllegalArgumentException(
          "cosineSimilarity: expected common dtype to be floating point, yet common dtype is "
              + type);
    Tensor a = self().to(type).expand(shape);
    Tensor b = other.to(type).expand(shape);
    return Composite.named(
        "cosineSimilarity",
        () -> a.div(length(a, dim, eps)).mul(b.div(length(b, dim, eps))).sum(dim));
  }

  default Tensor cosineSimilarity(Tensor other, int dim) {
    return cosineSimilarity(other, dim, 1e-8);
  }

  /* A norm below eps has the value eps, and the slopes of a root there. */
  private static Tensor length(Tensor x, int dim, double eps) {
    double least = eps * eps;
    Scalar.of(least).checked("cosineSimilarity", x.dtype());
    Tensor squares = x.square().sum(dim, true);
    Tensor raised = squares.sub(squares.detach()).add(least);
    return squares.ge(least).where(squares, raised).sqrt();
  }

  /** Slices along a dimension whose p-norm is above maxnorm brought down to it. */
  default Tensor renorm(double p, int dim, double maxnorm) {
    Require.floats("renorm", self());
    return Ops.call(new Renorm(p, dim, maxnorm), self());
  }

  default Tensor renorm_(double p, int dim, double maxnorm) {
    return Composite.inPlace("renorm", x -> x.renorm(p, dim, maxnorm), self());
  }
}
