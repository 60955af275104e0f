package io.sparkgrad.op.index;

import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/**
 * A tensor's methods that write elements at indices. Each gives a copy; those with an underscore
 * write into the tensor itself.
 */
public interface ScatterMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /* A number of this tensor's type. */
  private Tensor fill(String op, Scalar value) {
    return value.tensor(op, self().dtype());
  }

  private static Tensor of(Tensor src, Scalar alpha) {
    return alpha.tensor("indexAdd", src.dtype());
  }

  /** {@code src} written at the indices; of equal ones the last stays. */
  default Tensor scatter(int dim, Tensor index, Tensor src) {
    if (!Indices.mixLines(self(), index, src))
      return Ops.call(new Scatter(dim), self(), index, src);
    return Composite.of(
        "scatter",
        () -> inLine((x, i, v) -> x.scatter(dim, i, v), self(), index, src),
        self(),
        src);
  }

  /** As {@link #scatter(int, Tensor, Tensor)}, with one value for all indices. */
  default Tensor scatter(int dim, Tensor index, double value) {
    return scattered(dim, index, self().newEmpty(index.shape()).fill_(value));
  }

  default Tensor scatter(int dim, Tensor index, long value) {
    return scattered(dim, index, self().newEmpty(index.shape()).fill_(value));
  }

  private Tensor scattered(int dim, Tensor index, Tensor values) {
    return Composite.of("scatter", "ScatterBackward1", () -> scatter(dim, index, values), self());
  }

  default Tensor scatter_(int dim, Tensor index, Tensor src) {
    if (!Indices.mixLines(self(), index, src))
      return Ops.inPlace(new Scatter(dim), self(), index, src);
    return Composite.inPlace(
        "scatter", MemoryOverlap.ANY, x -> x.scatter(dim, index, src), self(), src);
  }

  /** {@code src} added at the indices: the adjoint of gather. */
  default Tensor scatterAdd(int dim, Tensor index, Tensor src) {
    if (!Indices.mixLines(self(), index, src))
      return Ops.call(new ScatterAdd(dim), self(), index, src);
    return Composite.of(
        "scatterAdd",
        () -> inLine((x, i, v) -> x.scatterAdd(dim, i, v), self(), index, src),
        self(),
        src);
  }

  default Tensor scatterAdd_(int dim, Tensor index, Tensor src) {
    if (!Indices.mixLines(self(), index, src))
      return Ops.inPlace(new ScatterAdd(dim), self(), index, src);
    return Composite.inPlace(
        "scatterAdd", MemoryOverlap.ANY, x -> x.scatterAdd(dim, index, src), self(), src);
  }

  /**
   * All elements of {@code src} that go to a place folded, with this tensor's there unless it is to
   * be left out.
   *
   * @param reduce sum, prod, mean, amax or amin
   */
  default Tensor scatterReduce(
      int dim, Tensor index, Tensor src, String reduce, boolean includeSelf) {
    return Composite.of(
        "scatterReduce",
        () ->
            inLine(
                (x, i, v) -> ScatterReduce.of(x, dim, i, v, reduce, includeSelf),
                self(),
                index,
                src),
        self(),
        src);
  }

  /** Writes elements of src to those of x that an index names. */
  interface Write {
    Tensor apply(Tensor x, Tensor index, Tensor src);
  }

  private static Tensor inLine(Write write, Tensor x, Tensor index, Tensor src) {
    if (!Indices.mixLines(x, index, src)) return write.apply(x, index, src);
    return write.apply(Indices.line(x), Indices.line(index), Indices.line(src)).reshape(x.shape());
  }

  default Tensor scatterReduce(int dim, Tensor index, Tensor src, String reduce) {
    return scatterReduce(dim, index, src, reduce, true);
  }

  /** Slices of {@code src}, times alpha, added to those along a dimension that a vector names. */
  default Tensor indexAdd(int dim, Tensor index, Tensor src, double alpha) {
    Tensor slices = slices(index, src);
    Tensor at = addIndex("indexAdd", index, dim, slices);
    return Composite.of(
        "indexAdd",
        () -> scatterAdd(dim, at, alpha == 1 ? slices : slices.mul(of(src, Scalar.of(alpha)))),
        self(),
        src);
  }

  default Tensor indexAdd(int dim, Tensor index, Tensor src, long alpha) {
    Tensor slices = slices(index, src);
    Tensor at = addIndex("indexAdd", index, dim, slices);
    return Composite.of(
        "indexAdd",
        () -> scatterAdd(dim, at, alpha == 1 ? slices : slices.mul(of(src, Scalar.of(alpha)))),
        self(),
        src);
  }

  default Tensor indexAdd(int dim, Tensor index, Tensor src) {
    return indexAdd(dim, index, src, 1);
  }

  default Tensor indexAdd_(int dim, Tensor index, Tensor src) {
    Tensor slices = slices(index, src);
    Tensor at = addIndex("indexAdd_", index, dim, slices);
    return Composite.inPlace(
        "indexAdd", MemoryOverlap.ANY, x -> x.scatterAdd(dim, at, slices), self(), src);
  }

  /** Slices of {@code src} written over those along a dimension that a vector names. */
  default Tensor indexCopy(int dim, Tensor index, Tensor src) {
    Tensor slices = slices(index, src);
    Tensor at = sliceIndex("indexCopy", Indices.int64("indexCopy", index), dim, slices);
    return Composite.of("indexCopy", () -> scatter(dim, at, slices), self(), src);
  }

  default Tensor indexCopy_(int dim, Tensor index, Tensor src) {
    Tensor slices = slices(index, src);
    Tensor at = sliceIndex("indexCopy_", Indices.int64("indexCopy_", index), dim, slices);
    return Composite.inPlace(
        "indexCopy", MemoryOverlap.ANY, x -> x.scatter(dim, at, slices), self(), src);
  }

  /** The slices along a dimension that a vector names filled with a value. */
  default Tensor indexFill(int dim, Tensor index, double value) {
    return filled("IndexFillBackward0", self(), dim, index, self().newEmpty().fill_(value));
  }

  default Tensor indexFill(int dim, Tensor index, long value) {
    return filled("IndexFillBackward0", self(), dim, index, self().newEmpty().fill_(value));
  }

  /** As {@link #indexFill(int, Tensor, double)}, with a 0-dim tensor, which may need a gradient. */
  default Tensor indexFill(int dim, Tensor index, Tensor value) {
    if (value.dim() != 0)
      throw new IllegalArgumentException(
          "indexFill only supports a 0-dimensional value tensor, but got tensor with %s dimension(s)."
              .formatted(value.dim()));
    return filled("IndexFillBackward1", self(), dim, index, value);
  }

  /* A place named twice is filled once, and counts once in the value's gradient. */
  private static Tensor filled(String node, Tensor x, int dim, Tensor index, Tensor value) {
    Tensor mask = Indices.maskAlong("indexFill", dim, index, x.shape());
    return Composite.of("indexFill", node, () -> mask.where(value.to(x.dtype()), x), x, value);
  }

  default Tensor indexFill_(int dim, Tensor index, double value) {
    return Composite.inPlace(
        "indexFill", MemoryOverlap.ALLOWED, x -> x.indexFill(dim, index, value), self());
  }

  default Tensor indexFill_(int dim, Tensor index, long value) {
    return Composite.inPlace(
        "indexFill", MemoryOverlap.ALLOWED, x -> x.indexFill(dim, index, value), self());
  }

  /**
   * Values written, or added, at the places of {@link IndexMethods#index}: Python's {@code
   * x[indices] = values}.
   */
  default Tensor indexPut(Tensor[] indices, Tensor values, boolean accumulate) {
    AdvancedIndex.checkType("indexPut", self(), indices, values, accumulate);
    return Composite.of(
        "indexPut",
        () -> new AdvancedIndex(self(), indices).put(values, accumulate),
        self(),
        values);
  }

  default Tensor indexPut_(Tensor[] indices, Tensor values, boolean accumulate) {
    AdvancedIndex.checkType("indexPut_", self(), indices, values, accumulate);
    return Composite.inPlace(
        "indexPut",
        MemoryOverlap.BETWEEN,
        x -> new AdvancedIndex(x, indices).put(values, accumulate),
        self(),
        values);
  }

  /** Values written, or added, at places in row-major order. */
  default Tensor put(Tensor index, Tensor source, boolean accumulate) {
    if (index.numel() != source.numel())
      throw new IndexOutOfBoundsException(
          "put(): Expected source and index to have the same number of elements, but got source.numel() = %s, index.numel() = %s"
              .formatted(source.numel(), index.numel()));
    Tensor at = Indices.inLine("put", index, self().numel()).reshape(index.numel());
    return Composite.of(
        "put",
        () -> {
          Tensor line = self().reshape(self().numel());
          Tensor src = source.reshape(source.numel());
          Tensor y = accumulate ? line.scatterAdd(0, at, src) : line.scatter(0, at, src);
          return y.reshape(self().shape());
        },
        self(),
        source);
  }

  default Tensor put_(Tensor index, Tensor source, boolean accumulate) {
    return Composite.inPlace(
        "put", MemoryOverlap.ANY, x -> x.put(index, source, accumulate), self(), source);
  }

  /** The value where the bool mask holds. */
  default Tensor maskedFill(Tensor mask, double value) {
    return maskedFill(mask, Scalar.of(value));
  }

  default Tensor maskedFill(Tensor mask, long value) {
    return maskedFill(mask, Scalar.of(value));
  }

  private Tensor maskedFill(Tensor given, Scalar value) {
    Tensor mask = Indices.maskOrNothing("maskedFill", given);
    return Composite.of(
        "maskedFill",
        () -> Ops.call(Where.contiguous(), mask, fill("maskedFill", value), self()),
        self());
  }

  default Tensor maskedFill_(Tensor mask, double value) {
    return maskedFill_(mask, Scalar.of(value));
  }

  default Tensor maskedFill_(Tensor mask, long value) {
    return maskedFill_(mask, Scalar.of(value));
  }

  private Tensor maskedFill_(Tensor mask, Scalar value) {
    return Composite.inPlace(
        "maskedFill",
        MemoryOverlap.ALLOWED,
        x -> filled(x, MemoryOverlap.wherever("maskedFill", mask, self()), value),
        self());
  }

  private static Tensor filled(ScatterMethods x, Tensor mask, Scalar value) {
    return x.maskedFill(mask, value);
  }

  /** The elements of {@code source}, one by one, where the bool mask holds. */
  default Tensor maskedScatter(Tensor mask, Tensor source) {
    Tensor holds = Indices.maskOrNothing("maskedScatter", mask);
    int[] shape = io.sparkgrad.Shape.broadcast("maskedScatter", self().shape(), holds.shape());
    int n = io.sparkgrad.Shape.numel(shape);
    Tensor at = holds.expand(shape).reshape(n).nonzero().reshape(-1);
    if (at.numel() > source.numel())
      throw new IllegalArgumentException(
          "maskedScatter: Number of elements of source < number of ones in mask: %s < %s"
              .formatted(source.numel(), at.numel()));
    return Composite.of(
        "maskedScatter",
        () -> self().expand(shape).reshape(n).scatter(0, at, first(source, at)).reshape(shape),
        self(),
        source);
  }

  default Tensor maskedScatter_(Tensor mask, Tensor source) {
    return Composite.inPlace("maskedScatter", x -> x.maskedScatter(mask, source), self(), source);
  }

  private static Tensor first(Tensor source, Tensor at) {
    return source.reshape(source.numel()).narrow(0, 0, at.numel());
  }

  /* A number is the one slice of a vector. */
  private Tensor slices(Tensor index, Tensor src) {
    return src.dim() == 0 && self().dim() == 1 && index.numel() == 1 ? src.reshape(1) : src;
  }

  /* Checked even where there is nothing to add. */
  private Tensor addIndex(String op, Tensor index, int dim, Tensor src) {
    Tensor at = sliceIndex(op, Indices.whole(op, index), dim, src);
    if (src.numel() == 0 && self().dim() > 0) Indices.within(op, index, self().size(dim));
    return at;
  }

  private Tensor sliceIndex(String op, Tensor index, int dim, Tensor src) {
    Gather.checkSlices(op, self(), dim, index, src);
    return Indices.along(op, dim, index, src.shape());
  }

  // ---- slices that belong together

  /** The sums of the slices with one segment number each: [n, ...] -> [segments, ...]. */
  default Tensor segmentSum(Tensor segment, int segments) {
    return segmentReduce(segment, segments, "sum");
  }

  /** The means of the slices with one segment number each; 0 for a segment without any. */
  default Tensor segmentMean(Tensor segment, int segments) {
    return segmentReduce(segment, segments, "mean");
  }

  /** The largest of the slices with one segment number each; 0 for a segment without any. */
  default Tensor segmentMax(Tensor segment, int segments) {
    return segmentReduce(segment, segments, "amax");
  }

  /** Slices as shares of their segment: exp(x) / Σ exp(x) over each segment. */
  default Tensor segmentSoftmax(Tensor segment, int segments) {
    Tensor most = self().detach().segmentMax(segment, segments).indexSelect(0, segment);
    Tensor e = self().sub(most).exp();
    return e.div(e.segmentSum(segment, segments).indexSelect(0, segment));
  }

  private Tensor segmentReduce(Tensor segment, int segments, String reduce) {
    int[] shape = self().shape().clone();
    if (shape.length == 0)
      throw new IllegalArgumentException("a segment reduction needs slices, got a 0-dim tensor");
    shape[0] = segments;
    Tensor numbers = Indices.whole("segmentReduce", segment);
    Tensor index = Indices.along("segmentReduce", 0, numbers, self().shape());
    if (!Arrays.equals(index.shape(), self().shape()))
      throw new IllegalArgumentException(
          "expected a segment number for each of %s slices, got %s"
              .formatted(self().size(0), segment.numel()));
    return self().newZeros(shape).scatterReduce(0, index, self(), reduce, false);
  }

  default Tensor scatter_(int dim, Tensor index, double value) {
    return Composite.inPlace(
        "scatter", "ScatterBackward1", x -> x.scatter(dim, index, value), self());
  }

  default Tensor scatter_(int dim, Tensor index, long value) {
    return Composite.inPlace(
        "scatter", "ScatterBackward1", x -> x.scatter(dim, index, value), self());
  }

  default Tensor scatterReduce_(
      int dim, Tensor index, Tensor src, String reduce, boolean includeSelf) {
    return Composite.inPlace(
        "scatterReduce",
        MemoryOverlap.ANY,
        x -> x.scatterReduce(dim, index, src, reduce, includeSelf),
        self(),
        src);
  }

  default Tensor indexAdd_(int dim, Tensor index, Tensor src, long alpha) {
    return Composite.inPlace(
        "indexAdd", MemoryOverlap.ANY, x -> x.indexAdd(dim, index, src, alpha), self(), src);
  }

  default Tensor indexAdd_(int dim, Tensor index, Tensor src, double alpha) {
    return Composite.inPlace(
        "indexAdd", MemoryOverlap.ANY, x -> x.indexAdd(dim, index, src, alpha), self(), src);
  }

  default Tensor indexFill_(int dim, Tensor index, Tensor value) {
    return Composite.inPlace(
        "indexFill",
        "IndexFillBackward1",
        MemoryOverlap.ALLOWED,
        x -> x.indexFill(dim, index, value),
        self(),
        value);
  }
}
