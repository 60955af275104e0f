package io.sparkgrad.op.shape;

import io.sparkgrad.Scalar;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Clone;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor's methods that rearrange it. All but {@code reshape} and {@code contiguous} never copy:
 * they share numbers.
 */
public interface ShapeMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The same numbers under another shape; one size may be -1. */
  default Tensor view(int... shape) {
    return Ops.call(new View(shape), self());
  }

  default Tensor viewAs(Tensor other) {
    return view(other.shape());
  }

  default Tensor reshapeAs(Tensor other) {
    return reshape(other.shape());
  }

  /** A view if the strides allow it, else a copy. */
  default Tensor reshape(int... shape) {
    int[] target = Shape.infer(shape, self().numel());
    boolean viewable = Shape.viewStrides(self().shape(), self().strides(), target) != null;
    return viewable
        ? Ops.call(View.named("ReshapeAliasBackward0", target), self())
        : Ops.named("UnsafeViewBackward0", contiguousCopy(self()).view(target));
  }

  /** The dimensions from {@code startDim} to {@code endDim} made one. */
  default Tensor flatten(int startDim, int endDim) {
    int rank = self().dim();
    int start = Shape.dim(startDim, rank);
    int end = Shape.dim(endDim, rank);
    if (start > end)
      throw new IllegalArgumentException(
          "flatten() has invalid args: start_dim cannot come after end_dim, got %s and %s"
              .formatted(start, end));
    if (rank == 0) return reshape(1);
    if (start == end) return self();
    int[] shape = new int[rank - end + start];
    for (int d = 0; d < start; d++) shape[d] = self().shape()[d];
    shape[start] = Shape.numel(Arrays.copyOfRange(self().shape(), start, end + 1));
    for (int d = end + 1; d < rank; d++) shape[start + d - end] = self().shape()[d];
    return reshape(shape);
  }

  /** All dimensions from {@code startDim} on made one. */
  default Tensor flatten(int startDim) {
    return flatten(startDim, -1);
  }

  default Tensor flatten() {
    return flatten(0);
  }

  /** Itself if its numbers lie in row-major order without gaps, else a copy for which they do. */
  default Tensor contiguous() {
    return self().isContiguous() ? self() : contiguousCopy(self());
  }

  private static Tensor contiguousCopy(Tensor t) {
    return Ops.call(Clone.contiguous(), t);
  }

  /** The transpose of a matrix; fewer dimensions stay as they are. */
  default Tensor t() {
    if (self().dim() > 2) {
      throw new IllegalArgumentException(
          "t() expects a tensor with <= 2 dimensions, but self is %sD; use transpose(dim0, dim1)"
              .formatted(self().dim()));
    }
    return Ops.call(Transpose.t(self().dim()), self());
  }

  default Tensor unsqueeze_(int dim) {
    return self().become("unsqueeze_", () -> Ops.named("UnsqueezeBackward1", unsqueeze(dim)));
  }

  default Tensor squeeze_() {
    return self().become("squeeze_", () -> Ops.named("SqueezeBackward2", squeeze()));
  }

  default Tensor squeeze_(int dim) {
    return self().become("squeeze_", () -> Ops.named("SqueezeBackward3", squeeze(dim)));
  }

  default Tensor t_() {
    return self().become("t_", () -> Ops.named("TBackward1", t()));
  }

  default Tensor transpose_(int dim0, int dim1) {
    return self()
        .become("transpose_", () -> Ops.named("TransposeBackward1", transpose(dim0, dim1)));
  }

  /** As {@link #transpose}: NumPy's name. */
  default Tensor swapaxes(int axis0, int axis1) {
    return transpose(axis0, axis1);
  }

  default Tensor swapaxes_(int axis0, int axis1) {
    return transpose_(axis0, axis1);
  }

  /** As {@link #movedim(int[], int[])}: NumPy's name. */
  default Tensor moveaxis(int[] source, int[] destination) {
    return movedim(source, destination);
  }

  default Tensor moveaxis(int source, int destination) {
    return movedim(source, destination);
  }

  /** The matrices of the last two dimensions transposed: {@code mT}. */
  default Tensor adjoint() {
    return self().dim() == 0 ? self() : transpose(-2, -1);
  }

  /** All elements in a row: a view where they lie so. */
  default Tensor ravel() {
    return contiguous().view(-1);
  }

  /** At least 1-D. */
  default Tensor atleast1d() {
    return self().dim() == 0 ? reshape(1) : self();
  }

  /** At least 2-D; a vector is a row. */
  default Tensor atleast2d() {
    return self().dim() == 0 ? reshape(1, 1) : self().dim() == 1 ? unsqueeze(0) : self();
  }

  /** At least 3-D: a vector is [1, n, 1], a matrix [n, m, 1]. */
  default Tensor atleast3d() {
    return switch (self().dim()) {
      case 0 -> reshape(1, 1, 1);
      case 1 -> unsqueeze(0).unsqueeze(-1);
      case 2 -> unsqueeze(-1);
      default -> self();
    };
  }

  /** A copy with the order of the columns reversed. */
  default Tensor fliplr() {
    if (self().dim() < 2)
      throw new IllegalArgumentException("fliplr: Input must be >= 2-d, got " + self().dim());
    return flip(1);
  }

  /** A copy with the order of the rows reversed. */
  default Tensor flipud() {
    if (self().dim() < 1)
      throw new IllegalArgumentException("flipud: Input must be >= 1-d, got " + self().dim());
    return flip(0);
  }

  /** A matrix with all elements on a diagonal. */
  default Tensor diagflat(int offset) {
    return ravel().diag(offset);
  }

  default Tensor diagflat() {
    return diagflat(0);
  }

  /** The value in the diagonal of a matrix, or where all indices are the same. */
  default Tensor fillDiagonal_(double value) {
    allDiagonal().fill_(value);
    return self();
  }

  default Tensor fillDiagonal_(long value) {
    allDiagonal().fill_(value);
    return self();
  }

  private Tensor allDiagonal() {
    int rank = self().dim();
    if (rank < 2)
      throw new IllegalArgumentException("fillDiagonal_: dimensions must larger than 1");
    int step = 0;
    for (int d = 0; d < rank; d++) {
      if (rank > 2 && self().shape()[d] != self().shape()[0])
        throw new IllegalArgumentException(
            "fillDiagonal_: all dimensions of input must be of equal length, got "
                + Arrays.toString(self().shape()));
      step += self().strides()[d];
    }
    int n = Arrays.stream(self().shape()).min().orElseThrow();
    return asStrided(new int[] {n}, new int[] {step});
  }

  /** Views along the columns, or of a vector along it; see {@link #tensorSplit(int, int)}. */
  default List<Tensor> hsplit(int sections) {
    return evenly("hsplit", sections, self().dim() == 1 ? 0 : 1, 1);
  }

  default List<Tensor> hsplit(int[] indices) {
    requireRank("hsplit", 1);
    return tensorSplit(indices, self().dim() == 1 ? 0 : 1);
  }

  /** Views along the rows. */
  default List<Tensor> vsplit(int sections) {
    return evenly("vsplit", sections, 0, 2);
  }

  default List<Tensor> vsplit(int[] indices) {
    requireRank("vsplit", 2);
    return tensorSplit(indices, 0);
  }

  /** Views along the third dimension. */
  default List<Tensor> dsplit(int sections) {
    return evenly("dsplit", sections, 2, 3);
  }

  default List<Tensor> dsplit(int[] indices) {
    requireRank("dsplit", 3);
    return tensorSplit(indices, 2);
  }

  private List<Tensor> evenly(String op, int sections, int dim, int rank) {
    requireRank(op, rank);
    if (sections <= 0 || self().size(dim) % sections != 0)
      throw new IllegalArgumentException(
          "%s: attempted to split along dimension %d, but the size of the dimension %d is not divisible by %d"
              .formatted(op, dim, self().size(dim), sections));
    return tensorSplit(sections, dim);
  }

  private void requireRank(String op, int rank) {
    if (self().dim() < rank)
      throw new IllegalArgumentException(
          "%s requires a tensor with at least %d dimension(s), but got one with %d"
              .formatted(op, rank, self().dim()));
  }

  default Tensor transpose(int dim0, int dim1) {
    return Ops.call(new Transpose(dim0, dim1), self());
  }

  default Tensor permute(int... dims) {
    return Ops.call(new Permute(dims), self());
  }

  /** Repeats dimensions of size 1 without a copy; -1 keeps a size. */
  default Tensor expand(int... shape) {
    return Ops.call(new Expand(shape), self());
  }

  default Tensor expandAs(Tensor other) {
    return Composite.named("expandAs", () -> expand(other.shape()));
  }

  /** As {@link #expand}. */
  default Tensor broadcastTo(int... shape) {
    return Composite.named("broadcastTo", () -> expand(shape));
  }

  /** A new dimension of size 1. */
  default Tensor unsqueeze(int dim) {
    int d = Shape.dim(dim, self().dim() + 1);
    int[] shape = new int[self().dim() + 1];
    for (int i = 0; i < shape.length; i++)
      shape[i] = i == d ? 1 : self().shape()[i < d ? i : i - 1];
    return Ops.call(View.named("UnsqueezeBackward0", shape), self());
  }

  /** Without the given dimension, if its size is 1. */
  default Tensor squeeze(int dim) {
    int d = Shape.dim(dim, self().dim());
    boolean goes = self().dim() > 0 && self().shape()[d] == 1;
    int[] shape = goes ? Shape.without(self().shape(), d) : self().shape();
    return Ops.call(View.named("SqueezeBackward1", shape), self());
  }

  /** A copy with the order along these dimensions reversed. */
  default Tensor flip(int... dims) {
    return Ops.call(new Flip(dims), self());
  }

  /** A copy moved along a dimension; what leaves at one end enters at the other. */
  default Tensor roll(int shifts, int dim) {
    return Ops.call(new Roll(shifts, dim), self());
  }

  /** Without the dimensions of size 1. */
  default Tensor squeeze() {
    int[] shape = Arrays.stream(self().shape()).filter(n -> n != 1).toArray();
    return Ops.call(View.named("SqueezeBackward0", shape), self());
  }

  /** A dimension cut into several; one size may be -1. */
  default Tensor unflatten(int dim, int... sizes) {
    int d = Shape.dim(dim, self().dim());
    int[] cut = cut(d, sizes);
    int[] shape = new int[self().dim() - 1 + sizes.length];
    System.arraycopy(self().shape(), 0, shape, 0, d);
    System.arraycopy(cut, 0, shape, d, cut.length);
    System.arraycopy(self().shape(), d + 1, shape, d + cut.length, self().dim() - d - 1);
    return view(shape);
  }

  private int[] cut(int dim, int[] sizes) {
    if (sizes.length == 0) throw new IllegalArgumentException("unflatten: sizes must be non-empty");
    try {
      return Shape.infer(sizes, self().size(dim));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "unflatten: Provided sizes %s don't multiply up to the size of dim %s (%s) in the input tensor"
              .formatted(Arrays.toString(sizes), dim, self().shape()[dim]),
          e);
    }
  }

  /** A view with some dimensions at other places, the others in their order. */
  default Tensor movedim(int[] source, int[] destination) {
    int rank = self().dim();
    if (rank == 0) return movedimOfNumber(source, destination);
    if (source.length != destination.length)
      throw new IllegalArgumentException(
          "movedim: Invalid source or destination dims: source (%s dims) should contain the same number of dims as destination (%s dims)"
              .formatted(Arrays.toString(source), Arrays.toString(destination)));
    int[] order = new int[rank];
    Arrays.fill(order, -1);
    List<Integer> rest = new ArrayList<>();
    for (int d = 0; d < rank; d++) rest.add(d);
    for (int i = 0; i < source.length; i++) {
      Integer from = Shape.dim(source[i], rank);
      int to = Shape.dim(destination[i], rank);
      if (!rest.remove(from) || order[to] >= 0)
        throw new IllegalArgumentException(
            "movedim: repeated dim in source %s or destination %s"
                .formatted(Arrays.toString(source), Arrays.toString(destination)));
      order[to] = from;
    }
    for (int d = 0, k = 0; d < rank; d++) if (order[d] < 0) order[d] = rest.get(k++);
    return permute(order);
  }

  /* A number's only dimension is at its place wherever it is moved. */
  private Tensor movedimOfNumber(int[] source, int[] destination) {
    for (int d : source) Shape.dim(d, 0);
    for (int d : destination) Shape.dim(d, 0);
    return Ops.call(View.named("AliasBackward0"), self());
  }

  /** A view with one dimension at another place, the others in their order. */
  default Tensor movedim(int source, int destination) {
    return movedim(new int[] {source}, new int[] {destination});
  }

  /**
   * A view of every {@code step}-th element from start to before end: Python's {@code
   * [start:end:step]}.
   */
  default Tensor slice(int dim, int start, int end, int step) {
    return Ops.call(new Slice(dim, start, end, step), self());
  }

  /**
   * A view of the numbers behind this tensor by sizes and strides of its own, from the given one of
   * the storage on.
   */
  default Tensor asStrided(int[] shape, int[] strides, int offset) {
    return Ops.call(new AsStrided(self(), shape, strides, offset), self());
  }

  /** As {@link #asStrided(int[], int[], int)}, from this tensor's first number on. */
  default Tensor asStrided(int[] shape, int[] strides) {
    return asStrided(shape, strides, self().offset());
  }

  /** A view of windows of {@code size} neighbours, {@code step} apart, as a new last dimension. */
  default Tensor unfold(int dim, int size, int step) {
    return Ops.call(new Unfold(dim, size, step), self());
  }

  /** Views of {@code size} neighbours each along a dimension, the last of what is left. */
  default List<Tensor> split(int size, int dim) {
    return List.of(Ops.callAll(Split.every(size, dim, self()), self()));
  }

  /** Views of the given sizes along a dimension, which they fill. */
  default List<Tensor> split(int[] sizes, int dim) {
    return List.of(Ops.callAll(new Split(sizes, dim), self()));
  }

  /**
   * As {@link #split(int, int)}, of which each part may be changed in place as if it were alone.
   */
  default List<Tensor> unsafeSplit(int size, int dim) {
    return Composite.named(
        "unsafeSplit", () -> List.of(Ops.callAll(Split.every(size, dim, self()).unsafe(), self())));
  }

  /** So many views along a dimension, the first ones longer by one if it does not divide evenly. */
  default List<Tensor> tensorSplit(int sections, int dim) {
    if (sections <= 0)
      throw new IllegalArgumentException(
          "tensorSplit: number of sections must be larger than 0, got %d".formatted(sections));
    int n = Split.size("tensorSplit", dim, self());
    int[] ends = new int[sections - 1];
    for (int i = 1; i < sections; i++) ends[i - 1] = i * (n / sections) + Math.min(i, n % sections);
    return tensorSplit(ends, dim);
  }

  /** Views that end before the given indices along a dimension, and one of what is left. */
  default List<Tensor> tensorSplit(int[] indices, int dim) {
    List<Tensor> parts = new ArrayList<>();
    int n = Split.size("tensorSplit", dim, self());
    int from = 0;
    for (int to : indices) {
      parts.add(slice(dim, from, to, 1));
      from = to;
    }
    parts.add(slice(dim, from, n, 1));
    return parts;
  }

  /** At most so many views of equal size along a dimension, but for the last. */
  default List<Tensor> chunk(int chunks, int dim) {
    return Composite.named(
        "chunk", () -> List.of(Ops.callAll(Split.parts(chunks, dim, self()), self())));
  }

  /** As {@link #chunk}, of which each part may be changed in place as if it were alone. */
  default List<Tensor> unsafeChunk(int chunks, int dim) {
    return Composite.named(
        "unsafeChunk",
        () -> List.of(Ops.callAll(Split.parts(chunks, dim, self()).unsafe(), self())));
  }

  /** A view of each index along a dimension, which goes away. */
  default List<Tensor> unbind(int dim) {
    return List.of(Ops.callAll(new Unbind(dim), self()));
  }

  /** A view of the diagonals of two dimensions, as a last one. */
  default Tensor diagonal(int offset, int dim1, int dim2) {
    return Ops.call(new Diagonal(offset, dim1, dim2), self());
  }

  default Tensor diagonal() {
    return diagonal(0, 0, 1);
  }

  /** Zeros with this tensor's last dimension on a diagonal of two new dimensions. */
  default Tensor diagEmbed(int offset, int dim1, int dim2) {
    int rank = self().dim() + 1;
    int d1 = Shape.dim(dim1, rank);
    int d2 = Shape.dim(dim2, rank);
    if (d1 == d2)
      throw new IllegalArgumentException(
          "diagonal dimensions cannot be identical %s, %s".formatted(dim1, dim2));
    int n = self().size(-1) + Math.abs(offset);
    int[] shape = new int[rank];
    for (int d = 0, k = 0; d < rank; d++) shape[d] = d == d1 || d == d2 ? n : self().shape()[k++];
    return Ops.named(
        "DiagEmbedBackward0",
        Ops.call(new ViewAdjoint(new Diagonal(offset, dim1, dim2), shape), self()));
  }

  default Tensor diagEmbed() {
    return diagEmbed(0, -2, -1);
  }

  /** A matrix with this vector on a diagonal, or a copy of that diagonal of this matrix. */
  default Tensor diag(int diagonal) {
    return Ops.call(new Diag(diagonal), self());
  }

  default Tensor diag() {
    return diag(0);
  }

  /** Matrices with 0 above a diagonal: 0 is the main one, 1 the next above. */
  default Tensor tril(int diagonal) {
    return Ops.call(new Triangle(true, diagonal), self());
  }

  default Tensor tril() {
    return tril(0);
  }

  default Tensor tril_(int diagonal) {
    return Ops.inPlace(new Triangle(true, diagonal), self());
  }

  default Tensor triu_(int diagonal) {
    return Ops.inPlace(new Triangle(false, diagonal), self());
  }

  /** Matrices with 0 below a diagonal. */
  default Tensor triu(int diagonal) {
    return Ops.call(new Triangle(false, diagonal), self());
  }

  default Tensor triu() {
    return triu(0);
  }

  /** So many copies along each dimension; more sizes than dimensions are new leading ones. */
  default Tensor repeat(int... sizes) {
    int lead = sizes.length - self().dim();
    if (lead < 0)
      throw new IllegalArgumentException(
          "repeat: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: %s for shape %s"
              .formatted(Arrays.toString(sizes), Arrays.toString(self().shape())));
    for (int n : sizes)
      if (n < 0)
        throw new IllegalArgumentException(
            "repeat: Trying to create tensor with negative dimension: %s"
                .formatted(Arrays.toString(sizes)));
    int[] ones = new int[2 * sizes.length];
    int[] wide = new int[2 * sizes.length];
    int[] result = new int[sizes.length];
    for (int d = 0; d < sizes.length; d++) {
      int n = d < lead ? 1 : self().shape()[d - lead];
      ones[2 * d] = 1;
      wide[2 * d] = sizes[d];
      ones[2 * d + 1] = wide[2 * d + 1] = n;
      result[d] = sizes[d] * n;
    }
    boolean once = Arrays.equals(result, self().shape());
    return Composite.of(
        "repeat",
        () ->
            once ? contiguousCopy(self()) : contiguousCopy(reshape(ones).expand(wide)).view(result),
        self());
  }

  /** Each slice along a dimension so many times, one behind the other. */
  default Tensor repeatInterleave(int repeats, int dim) {
    self().size(dim);
    int d = Shape.dim(dim, self().dim());
    if (repeats < 0)
      throw new IllegalArgumentException("repeatInterleave: repeats can not be negative");
    int[] wide = Arrays.copyOf(self().shape(), self().dim() + 1);
    System.arraycopy(self().shape(), d, wide, d + 1, self().dim() - d);
    wide[d + 1] = repeats;
    System.arraycopy(self().shape(), d + 1, wide, d + 2, self().dim() - d - 1);
    int[] shape = self().shape().clone();
    shape[d] *= repeats;
    return Composite.of(
        "repeatInterleave",
        "IndexSelectBackward0",
        () -> contiguousCopy(unsqueeze(d + 1).expand(wide)).view(shape),
        self());
  }

  /** Each element so many times, all in a row. */
  default Tensor repeatInterleave(int repeats) {
    return flatten().repeatInterleave(repeats, 0);
  }

  /** As {@link #repeatInterleave(int)}, with a count for each element. */
  default Tensor repeatInterleave(Tensor repeats) {
    return flatten().repeatInterleave(repeats, 0);
  }

  /** As {@link #repeatInterleave(int, int)}, with a count for each slice. */
  default Tensor repeatInterleave(Tensor repeats, int dim) {
    long[] counts = Indices.whole("repeatInterleave", repeats).toLongs();
    if (repeats.dim() > 1)
      throw new IllegalArgumentException(
          "repeatInterleave: repeats must be 0-dim or 1-dim tensor, got dim " + repeats.dim());
    if (counts.length == 1) return repeatInterleave(Math.toIntExact(counts[0]), dim);
    if (counts.length != self().size(dim))
      throw new IllegalArgumentException(
          "repeatInterleave: repeats must have the same size as input along dim, got %s for %s"
              .formatted(counts.length, self().size(dim)));
    int n = 0;
    for (long c : counts) {
      if (c < 0)
        throw new IllegalArgumentException("repeatInterleave: repeats can not be negative");
      n = Math.toIntExact(n + c);
    }
    long[] from = new long[n];
    for (int i = 0, k = 0; i < counts.length; i++)
      for (long c = counts[i]; c > 0; c--) from[k++] = i;
    return self().indexSelect(dim, Tensor.of(from, n).to(self().device()));
  }

  /**
   * A copy turned k times by 90 degrees in the plane of two dimensions, from the first to the
   * other.
   */
  default Tensor rot90(int k, int... dims) {
    if (dims.length != 2)
      throw new IllegalArgumentException(
          "rot90: expected total rotation dims == 2, but got dims = " + dims.length);
    if (self().dim() < 2)
      throw new IllegalArgumentException(
          "rot90: expected total dims >= 2, but got total dims = %d".formatted(self().dim()));
    if (Shape.dim(dims[0], self().dim()) == Shape.dim(dims[1], self().dim()))
      throw new IllegalArgumentException(
          "rot90: expected rotation dims to be different, but got dim0 = %s and dim1 = %s"
              .formatted(dims[0], dims[1]));
    return Composite.of(
        "rot90",
        () ->
            switch (Math.floorMod(k, 4)) {
              case 1 -> flip(dims[1]).transpose(dims[0], dims[1]);
              case 2 -> flip(dims);
              case 3 -> flip(dims[0]).transpose(dims[0], dims[1]);
              default -> contiguousCopy(self());
            },
        self());
  }

  /** As {@link #repeat}, where missing leading sizes are 1. */
  default Tensor tile(int... dims) {
    int[] sizes = new int[Math.max(dims.length, self().dim())];
    Arrays.fill(sizes, 1);
    System.arraycopy(dims, 0, sizes, sizes.length - dims.length, dims.length);
    return Composite.named("tile", () -> repeat(sizes));
  }

  /** As {@link #pad(int[], String, double)} with 0. */
  default Tensor pad(int[] pad, String mode) {
    return pad(pad, mode, 0);
  }

  /**
   * Wider by pad[0] elements before and pad[1] behind in the last dimension, by pad[2] and pad[3]
   * in the one before, and so on: of the value ({@code constant}), the border ({@code replicate}),
   * the mirror image without the border ({@code reflect}) or the other end ({@code circular}).
   */
  default Tensor pad(int[] pad, String mode, double value) {
    return Padding.of(self(), pad, mode, Scalar.of(value));
  }

  default Tensor pad(int[] pad, String mode, long value) {
    return Padding.of(self(), pad, mode, Scalar.of(value));
  }

  /** A view of one index along a dimension, which goes away. */
  default Tensor select(int dim, int index) {
    return Ops.call(new Select(dim, index), self());
  }

  /** A view of {@code length} neighbours along a dimension. */
  default Tensor narrow(int dim, int start, int length) {
    return Ops.call(new Narrow(dim, start, length), self());
  }
}
