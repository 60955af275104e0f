package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.NotDifferentiableNode;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.reduce.ReduceMethods.MaxResult;

/** A tensor's methods that order elements, or count equal ones. */
public interface SortMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The elements along a dimension in ascending order, and where they were. */
  default MaxResult sort(int dim) {
    return sort(dim, false);
  }

  /** As {@link #sort(int)}; equal elements keep their order. */
  default MaxResult sort(int dim, boolean descending) {
    Tensor[] out = Ops.callAll(new Sort(dim, descending), self());
    return new MaxResult(out[0], out[1]);
  }

  default Tensor msort() {
    return sort(0).values();
  }

  default Tensor argsort(int dim, boolean descending) {
    return self().detach().sort(dim, descending).indices();
  }

  default Tensor argsort(int dim) {
    return argsort(dim, false);
  }

  /** The k largest elements along a dimension, in descending order, and where they were. */
  default MaxResult topk(int k, int dim) {
    return topk(k, dim, true);
  }

  /** The k largest or smallest elements along a dimension, in order, and where they were. */
  default MaxResult topk(int k, int dim, boolean largest) {
    if (self().dim() > 0) Require.numbers("topk", self());
    int n = self().dim() == 0 ? 1 : self().size(dim);
    if (k < 0 || k > n)
      throw new IndexOutOfBoundsException(
          "topk: selected index k out of range: %s of %s".formatted(k, n));
    Tensor[] out =
        Composite.all(
            "topk",
            "TopkBackward0",
            () -> {
              if (self().dim() > 0 && OrderStatistics.servesTopk(self(), n, k)) {
                Tensor at = OrderStatistics.topk(self(), dim, k, largest);
                return new Tensor[] {self().gather(dim, at), at};
              }
              MaxResult all = sort(dim, largest);
              if (self().dim() == 0) return new Tensor[] {all.values(), all.indices()};
              Tensor values = all.values().narrow(dim, 0, k);
              return new Tensor[] {values, all.indices().narrow(dim, 0, k)};
            },
            self());
    return new MaxResult(out[0], out[1]);
  }

  /** The k-th smallest element along a dimension, 1 for the smallest, and where it was. */
  default MaxResult kthvalue(int k, int dim, boolean keepdim) {
    if (self().dim() > 0) Require.numbers("kthvalue", self());
    int n = self().dim() == 0 ? 1 : self().size(dim);
    if (k < 1 || k > n)
      throw new IndexOutOfBoundsException(
          "kthvalue(): selected number k out of range for dimension %s: %s of %s"
              .formatted(dim, k, n));
    Tensor at =
        self().dim() == 0
            ? Tensor.zeros(self().device(), DType.INT64)
            : OrderStatistics.kth(self(), dim, k - 1);
    return picked("kthvalue", "KthvalueBackward0", dim, at, keepdim);
  }

  /** The median along a dimension, of two middle ones the lower, and where it was. */
  default MaxResult median(int dim, boolean keepdim) {
    return medianAlong("Median", dim, keepdim, false);
  }

  /** The median of all elements; equal ones share the gradient. */
  default Tensor median() {
    return Ops.call(new Median(false), self());
  }

  /** The median of what is no NaN along a dimension, and where it was. */
  default MaxResult nanmedian(int dim, boolean keepdim) {
    return medianAlong("Nanmedian", dim, keepdim, true);
  }

  default Tensor nanmedian() {
    return Ops.call(new Median(true), self());
  }

  private MaxResult medianAlong(String op, int dim, boolean keepdim, boolean ignoresNan) {
    Require.numbers(op.toLowerCase(java.util.Locale.ROOT), self());
    String node = op + "Backward1";
    String method = op.toLowerCase(java.util.Locale.ROOT);
    Require.numbers(method, self());
    if (self().dim() == 0)
      return picked(method, node, dim, Tensor.zeros(self().device(), DType.INT64), keepdim);
    requireElements(method, dim);
    return picked(method, node, dim, Median.places(self().detach(), dim, ignoresNan), keepdim);
  }

  private void requireElements(String op, int dim) {
    if (self().size(dim) == 0)
      throw new IndexOutOfBoundsException(
          "%s(): Expected reduction dim %s to have non-zero size."
              .formatted(op, Shape.dim(dim, self().dim())));
  }

  /** The most frequent element along a dimension, of several the smallest, and where it is last. */
  default MaxResult mode(int dim, boolean keepdim) {
    if (self().dim() == 0)
      return picked(
          "mode", "ModeBackward0", dim, Tensor.zeros(self().device(), DType.INT64), keepdim);
    requireElements("mode", dim);
    return picked("mode", "ModeBackward0", dim, OrderStatistics.mode(self(), dim), keepdim);
  }

  /* The elements at indices that keep the dimension as 1. */
  private MaxResult picked(String method, String node, int dim, Tensor at, boolean keepdim) {
    boolean whole = keepdim || self().dim() == 0;
    Tensor values =
        Composite.of(
            method,
            node,
            () -> whole ? self().gather(dim, at) : self().gather(dim, at).squeeze(dim),
            self());
    return new MaxResult(values, whole ? at : at.squeeze(dim).own());
  }

  /**
   * Different elements.
   *
   * @param values each once
   * @param inverse for each element of the tensor the place of its value
   * @param counts how often each came
   */
  record Unique(Tensor values, Tensor inverse, Tensor counts) {}

  /**
   * The different elements in ascending order. NaN equals nothing, itself neither: each is a value
   * of its own that counts 0 elements, and its inverse is 0, as in PyTorch.
   */
  default Unique unique() {
    Tensor line = self().detach().reshape(self().numel());
    MaxResult sorted = line.sort(0);
    Unique found = EqualRuns.unique(sorted.values(), sorted.indices(), self().shape());
    Tensor none = Tensor.number(0L);
    Unique out =
        new Unique(
            found.values(),
            self().isnan().where(none, found.inverse()),
            found.values().isnan().where(none, found.counts()));
    return without("Unique2Backward0", "unique", out);
  }

  /** The elements without those equal to the one before. */
  default Unique uniqueConsecutive() {
    Tensor line = self().detach().reshape(self().numel());
    Tensor order = Tensor.arange(line.numel()).to(line.device());
    Unique out = EqualRuns.unique(line, order, self().shape());
    return without("UniqueConsecutiveBackward0", "uniqueConsecutive", out);
  }

  private Unique without(String node, String method, Unique out) {
    Tensor values = NotDifferentiableNode.record(node, method, out.values(), self());
    return new Unique(values, out.inverse(), out.counts());
  }

  /** How often each integer from 0 on comes in this vector; minlength entries at least. */
  default Tensor bincount(int minlength) {
    Tensor ones = Tensor.zeros(self().device(), DType.INT64, self().shape()).fill_(1);
    return bins(ones, minlength);
  }

  /**
   * The sums of weights, float32 or else float64, by the integers; without a derivative. Of no
   * integers counts, whatever the weights.
   */
  default Tensor bincount(Tensor weights, int minlength) {
    if (self().numel() == 0) return bincount(minlength);
    DType type = weights.dtype() == DType.FLOAT32 ? DType.FLOAT32 : DType.FLOAT64;
    Tensor sums = bins(weights.detach().to(type), minlength);
    return NotDifferentiableNode.record("NotImplemented", "bincount", sums, weights);
  }

  private Tensor bins(Tensor weights, int minlength) {
    boolean whole = !self().dtype().isFloatingPoint() && self().dtype() != DType.BOOL;
    if (self().dim() != 1 || !whole || self().numel() > 0 && self().min().itemLong() < 0)
      throw new IllegalArgumentException(
          "bincount only supports 1-d non-negative integral inputs.");
    if (minlength < 0) throw new IllegalArgumentException("minlength should be >= 0");
    if (weights.dim() != 1 || weights.numel() != self().numel())
      throw new IllegalArgumentException(
          "bincount: weights should be 1-d and have the same length as input");
    int most = self().numel() == 0 ? 0 : Math.toIntExact(self().max().itemLong() + 1);
    Tensor zeros = weights.newZeros(Math.max(most, minlength));
    return zeros.scatterAdd(0, self().to(DType.INT64), weights);
  }

  /**
   * How many elements lie in each of so many bins of equal width from min to max; the range of the
   * elements if both are 0. NaN counts in the first bin, as in PyTorch.
   */
  default Tensor histc(int bins, double min, double max) {
    Require.floats("histc", self());
    if (bins <= 0) throw new IllegalArgumentException("histc: bins must be > 0, got " + bins);
    if (min > max) throw new IllegalArgumentException("histc: max must be larger than min");
    Tensor x = self().detach().reshape(self().numel());
    if (min == max && x.numel() > 0) {
      min = x.min().item();
      max = x.max().item();
    }
    if (min == max) {
      min -= 1;
      max += 1;
    }
    if (!Double.isFinite(min) || !Double.isFinite(max))
      throw new IllegalArgumentException(
          "histc: range of [%s, %s] is not finite".formatted(min, max));
    Tensor inside = x.lt(min).logicalOr(x.gt(max)).logicalNot();
    Tensor at = x.sub(min).div(max - min).mul(bins).floor().clamp(0, bins - 1);
    Tensor known = inside.logicalAnd(x.isnan().logicalNot());
    Tensor bin = known.where(at, Tensor.number(0L)).to(DType.INT64);
    return x.newZeros(bins).scatterAdd(0, bin, inside.to(x.dtype()));
  }

  /**
   * Where in this ascending sequence, or its lines, the values would be put: before equal elements,
   * or with {@code right} behind them.
   */
  default Tensor searchsorted(Tensor values, boolean right) {
    if (values.dtype() == DType.BOOL) Require.numbers("searchsorted", self());
    return Ops.call(new Searchsorted(right), self(), values);
  }

  /** The bucket of each element among ascending boundaries; see {@link #searchsorted}. */
  default Tensor bucketize(Tensor boundaries, boolean right) {
    if (boundaries.dim() != 1)
      throw new IllegalArgumentException(
          "bucketize: boundaries tensor must be 1 dimension, but got dim(%s)"
              .formatted(boundaries.dim()));
    return Composite.named("bucketize", () -> boundaries.searchsorted(self(), right));
  }
}
