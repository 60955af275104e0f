package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.kernel.Dims;

/** A tensor's methods that fold dimensions. Without dimensions they fold all of it to 0-dim. */
public interface ReduceMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor sum() {
    return Ops.call(new Sum(new int[0], false), self());
  }

  default Tensor sum(int dim) {
    return sum(dim, false);
  }

  default Tensor sum(int dim, boolean keepdim) {
    return sum(new int[] {dim}, keepdim);
  }

  default Tensor sum(int[] dim, boolean keepdim) {
    return Ops.call(new Sum(Dims.orAll(dim, self()), keepdim), self());
  }

  /** The sum over whatever broadcasting from {@code shape} to this shape repeats. */
  default Tensor sumTo(int... shape) {
    return shape.length == 0 ? sum() : Sum.to(self(), shape);
  }

  default Tensor mean() {
    return Ops.call(new Mean(new int[0], false), self());
  }

  default Tensor mean(int dim) {
    return mean(dim, false);
  }

  default Tensor mean(int dim, boolean keepdim) {
    return mean(new int[] {dim}, keepdim);
  }

  default Tensor mean(int[] dim, boolean keepdim) {
    return Ops.call(new Mean(Dims.orAll(dim, self()), keepdim), self());
  }

  /** The largest element; equal ones share the gradient. */
  default Tensor max() {
    return Composite.named("max", () -> Ops.call(new Amax(new int[0], false), self()));
  }

  /** The smallest element; equal ones share the gradient. */
  default Tensor min() {
    return Composite.named("min", () -> Ops.call(new Amin(new int[0], false), self()));
  }

  /** The largest element over dimensions; equal ones share the gradient. */
  default Tensor amax(int[] dim, boolean keepdim) {
    return Ops.call(new Amax(Dims.orAll(dim, self()), keepdim), self());
  }

  default Tensor amax(int dim, boolean keepdim) {
    return amax(new int[] {dim}, keepdim);
  }

  /** The smallest element over dimensions; equal ones share the gradient. */
  default Tensor amin(int[] dim, boolean keepdim) {
    return Ops.call(new Amin(Dims.orAll(dim, self()), keepdim), self());
  }

  default Tensor amin(int dim, boolean keepdim) {
    return amin(new int[] {dim}, keepdim);
  }

  /**
   * Elements along a dimension and where they were.
   *
   * @param values the elements
   * @param indices int64, where they are
   */
  record MaxResult(Tensor values, Tensor indices) {}

  default MaxResult max(int dim) {
    return max(dim, false);
  }

  default MaxResult max(int dim, boolean keepdim) {
    Tensor[] out = Ops.callAll(new MaxDim(dim, keepdim), self());
    return new MaxResult(out[0], out[1]);
  }

  default MaxResult min(int dim) {
    return min(dim, false);
  }

  default MaxResult min(int dim, boolean keepdim) {
    Tensor[] out = Ops.callAll(new MinDim(dim, keepdim), self());
    return new MaxResult(out[0], out[1]);
  }

  /** The int64 index of the largest element along a dimension. */
  default Tensor argmax(int dim) {
    return argmax(dim, false);
  }

  default Tensor argmax(int dim, boolean keepdim) {
    return Ops.call(new Argmax(dim, keepdim), self());
  }

  /** The int64 index of the smallest element along a dimension. */
  default Tensor argmin(int dim) {
    return argmin(dim, false);
  }

  default Tensor argmin(int dim, boolean keepdim) {
    return Ops.call(new Argmin(dim, keepdim), self());
  }

  default Tensor prod() {
    return Ops.call(new Prod(new int[0], false), self());
  }

  default Tensor prod(int dim) {
    return prod(dim, false);
  }

  default Tensor prod(int dim, boolean keepdim) {
    return Ops.call(new Prod(new int[] {dim}, keepdim), self());
  }

  /** The sums of all elements up to each along a dimension. */
  default Tensor cumsum(int dim) {
    return Ops.call(new Cumsum(dim), self());
  }

  /** The products of all elements up to each along a dimension. */
  default Tensor cumprod(int dim) {
    return Ops.call(new Cumprod(dim), self());
  }

  /** The largest element up to each along a dimension, and where it was, of equal ones the last. */
  default MaxResult cummax(int dim) {
    Tensor[] out = Ops.callAll(new Cummax(dim), self());
    return new MaxResult(out[0], out[1]);
  }

  /** The smallest element up to each along a dimension, and where it was. */
  default MaxResult cummin(int dim) {
    Tensor[] out = Ops.callAll(new Cummin(dim), self());
    return new MaxResult(out[0], out[1]);
  }

  /** ln Σ exp(x) over all elements up to each along a dimension. */
  default Tensor logcumsumexp(int dim) {
    return Ops.call(new Logcumsumexp(dim), self());
  }

  /** The smallest and the largest element. */
  record MinMax(Tensor min, Tensor max) {}

  /**
   * The smallest and the largest element along a dimension; equal ones share the gradient. A 0-dim
   * tensor's, with the dimension kept, are vectors.
   */
  default MinMax aminmax(int dim, boolean keepdim) {
    Tensor x = keepdim && self().dim() == 0 ? self().reshape(1) : self();
    return Composite.named("aminmax", () -> new MinMax(x.amin(dim, keepdim), x.amax(dim, keepdim)));
  }

  default MinMax aminmax() {
    return Composite.named("aminmax", () -> new MinMax(min(), max()));
  }

  /** The variance of all elements, by n - 1. */
  default Tensor var() {
    return var(new int[0], false, 1);
  }

  default Tensor var(int dim) {
    return var(dim, false, 1);
  }

  /** The mean of (x - mean)², with n - correction in place of n. */
  default Tensor var(int[] dim, boolean keepdim, int correction) {
    return Ops.call(new Var(dim, keepdim, correction), self());
  }

  default Tensor var(int dim, boolean keepdim, int correction) {
    return var(new int[] {dim}, keepdim, correction);
  }

  /** The standard deviation of all elements, by n - 1. */
  default Tensor std() {
    return std(new int[0], false, 1);
  }

  default Tensor std(int dim) {
    return std(dim, false, 1);
  }

  /** The root of {@link #var(int[], boolean, int)}. */
  default Tensor std(int[] dim, boolean keepdim, int correction) {
    return Ops.call(new Std(dim, keepdim, correction), self());
  }

  default Tensor std(int dim, boolean keepdim, int correction) {
    return std(new int[] {dim}, keepdim, correction);
  }

  /** A variance and the mean it is taken from. */
  record VarMean(Tensor var, Tensor mean) {}

  default VarMean varMean(int[] dim, boolean keepdim, int correction) {
    Tensor[] out = Ops.callAll(new Moments(false, dim, keepdim, correction), self());
    return new VarMean(out[0], out[1]);
  }

  /** A standard deviation and the mean it is taken from. */
  record StdMean(Tensor std, Tensor mean) {}

  default StdMean stdMean(int[] dim, boolean keepdim, int correction) {
    Tensor[] out = Ops.callAll(new Moments(true, dim, keepdim, correction), self());
    return new StdMean(out[0], out[1]);
  }

  /** ln Σ exp(x), whatever its size. */
  default Tensor logsumexp(int[] dim, boolean keepdim) {
    return Ops.call(new Logsumexp(dim, keepdim), self());
  }

  default Tensor logsumexp(int dim, boolean keepdim) {
    return logsumexp(new int[] {dim}, keepdim);
  }

  default Tensor logsumexp(int dim) {
    return logsumexp(dim, false);
  }

  /** The sum of what is no NaN. */
  default Tensor nansum(int[] dim, boolean keepdim) {
    return Ops.call(new Nansum(dim, keepdim), self());
  }

  default Tensor nansum() {
    return nansum(new int[0], false);
  }

  /** The mean of what is no NaN. */
  default Tensor nanmean(int[] dim, boolean keepdim) {
    Require.floats("nanmean", self());
    return Composite.named(
        "nanmean", () -> nansum(dim, keepdim).div(self().isnan().logicalNot().sum(dim, keepdim)));
  }

  default Tensor nanmean() {
    return nanmean(new int[0], false);
  }

  /** How many elements are not 0, as int64. */
  default Tensor countNonzero(int... dim) {
    return Composite.named("countNonzero", () -> self().ne(0L).sum(dim, false));
  }

  /* bool, but uint8 of uint8, which stood for bool before there was one. */
  private Tensor truth(Tensor holds) {
    return self().dtype() == DType.UINT8 ? holds.to(DType.UINT8) : holds;
  }

  /** Whether no element is 0. */
  default Tensor all(int[] dim, boolean keepdim) {
    return Composite.named("all", () -> truth(self().eq(0L).sum(dim, keepdim).eq(0L)));
  }

  default Tensor all(int dim) {
    return all(new int[] {dim}, false);
  }

  default Tensor all() {
    return all(new int[0], false);
  }

  /** Whether an element is not 0. */
  default Tensor any(int[] dim, boolean keepdim) {
    return Composite.named("any", () -> truth(self().ne(0L).sum(dim, keepdim).gt(0L)));
  }

  default Tensor any(int dim) {
    return any(new int[] {dim}, false);
  }

  default Tensor any() {
    return any(new int[0], false);
  }

  /** The sum in another type: every element is converted first. */
  default Tensor sum(DType dtype) {
    return Composite.of("sum", () -> self().to(dtype).sum().to(dtype), self());
  }

  default Tensor sum(int[] dim, boolean keepdim, DType dtype) {
    return Composite.of(
        "sum", "SumBackward1", () -> self().to(dtype).sum(dim, keepdim).to(dtype), self());
  }

  default Tensor mean(DType dtype) {
    return Composite.of("mean", () -> self().to(dtype).mean(), self());
  }

  default Tensor mean(int[] dim, boolean keepdim, DType dtype) {
    return Composite.of("mean", "MeanBackward1", () -> self().to(dtype).mean(dim, keepdim), self());
  }

  default Tensor prod(DType dtype) {
    return Composite.of("prod", () -> self().to(dtype).prod().to(dtype), self());
  }

  default Tensor cumsum(int dim, DType dtype) {
    Scan.check("cumsum", self(), dtype);
    return Composite.of("cumsum", () -> self().to(dtype).cumsum(dim).to(dtype), self());
  }

  default Tensor cumprod(int dim, DType dtype) {
    Scan.check("cumprod", self(), dtype);
    return Composite.of("cumprod", () -> self().to(dtype).cumprod(dim).to(dtype), self());
  }

  default Tensor cumsum_(int dim) {
    if (self().dtype() == DType.BOOL)
      return Composite.inPlace("cumsum", x -> x.cumsum(dim, DType.BOOL), self());
    return Ops.inPlace(new Cumsum(dim), self());
  }

  default Tensor cumprod_(int dim) {
    if (self().dtype() == DType.BOOL)
      return Composite.inPlace("cumprod", x -> x.cumprod(dim, DType.BOOL), self());
    return Ops.inPlace(new Cumprod(dim), self());
  }

  /** The sum over what broadcasting to this shape repeats; the shape must broadcast to this one. */
  default Tensor sumToSize(int... size) {
    if (!io.sparkgrad.Shape.expandsTo(size, self().shape()))
      throw new IllegalArgumentException(
          "sumToSize: size %s is not expandable to size %s"
              .formatted(
                  java.util.Arrays.toString(size), java.util.Arrays.toString(self().shape())));
    return sumTo(size);
  }

  default Tensor amax() {
    return amax(new int[0], false);
  }

  default Tensor amin() {
    return amin(new int[0], false);
  }

  /** Where the largest element is in row-major order. */
  default Tensor argmax() {
    if (self().numel() > 0) Require.numbers("argmax", self());
    return self().detach().reshape(-1).argmax(0);
  }

  /** Where the smallest element is in row-major order. */
  default Tensor argmin() {
    if (self().numel() > 0) Require.numbers("argmin", self());
    return self().detach().reshape(-1).argmin(0);
  }

  /** The differences of neighbours along a dimension, n times. */
  default Tensor diff(int n, int dim) {
    return Composite.named(
        "diff",
        () -> {
          Tensor x = self();
          if (x.dim() == 0)
            throw new IllegalArgumentException(
                "diff: expects input to be at least one-dimensional");
          if (n == 0) return x.newEmpty(x.shape()).copy_(x);
          int d = io.sparkgrad.Shape.dim(dim, x.dim());
          if (n < 0) return x;
          if (x.size(d) == 0) return x;
          for (int i = 0; i < n; i++) {
            int left = Math.max(0, x.size(d) - 1);
            int cut = x.size(d) - left;
            Tensor high = x.narrow(d, cut, left);
            Tensor low = x.narrow(d, 0, left);
            x = x.dtype() == DType.BOOL ? high.ne(low) : high.sub(low);
          }
          return x;
        });
  }

  default Tensor diff() {
    return diff(1, -1);
  }

  /** The covariances of the rows, by n - correction observations each. */
  default Tensor cov(int correction) {
    Tensor x = self();
    if (x.dim() > 2)
      throw new IllegalArgumentException(
          "cov: expected input to have two or fewer dimensions but got " + x.dim());
    if (x.dtype() == DType.BOOL)
      throw new IllegalArgumentException("cov: bool dtype is not supported for input");
    return Composite.named(
        "cov",
        () -> {
          Tensor rows = x.dim() < 2 ? x.reshape(1, x.numel()) : x;
          int n = rows.size(1);
          Tensor mean = rows.sum(1, true).div((double) n);
          Tensor apart = rows.sub(mean);
          return apart.mm(apart.t()).div((double) Math.max(0, n - correction)).squeeze();
        });
  }

  default Tensor cov() {
    return cov(1);
  }

  /** The coefficients of correlation of the rows. */
  default Tensor corrcoef() {
    Tensor c = cov();
    if (c.dim() == 0) return c.div(c);
    Tensor std = c.diagonal().sqrt();
    return c.div(std.unsqueeze(-1)).div(std.unsqueeze(0)).clamp(-1, 1);
  }
}
