package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.kernel.Dims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Indexing by several tensors at once. The indexed dimensions are brought to the front and made
 * one, in which one linear index picks rows; in the result the shape of the indices, broadcast
 * together, stands where these dimensions were, or first if others lay between them.
 */
final class AdvancedIndex {
  private final int[] shape; // of the given tensor
  private final Tensor x; // with a dimension of 1 for each mask of one number
  private final int[] order; // x's dimensions, the indexed ones first
  private final int[] picked; // the shape of the broadcast indices
  private final int[] rest; // sizes of the dimensions that are not indexed
  private final int rows;
  private final int at; // where in the result the picked dimensions stand
  private final Tensor linear;

  /**
   * An index a dimension of the tensor, null for one that is taken whole; a mask stands for its
   * nonzero, and one of a single number for that on a new dimension.
   */
  AdvancedIndex(Tensor tensor, Tensor... given) {
    this.shape = tensor.shape();
    List<Tensor> indices = new ArrayList<>();
    Tensor x = tensor;
    for (Tensor t : given) {
      if (t != null && t.dim() == 0 && Indices.isMask(t)) {
        x = x.unsqueeze(indices.size());
        addIndex(x, indices, t.reshape(1));
      } else addIndex(x, indices, t);
    }
    this.x = x;
    if (indices.size() > x.dim())
      throw new IndexOutOfBoundsException(
          "too many indices for tensor of dimension %s: %s".formatted(x.dim(), indices.size()));
    int[] together = {};
    int[] dims = new int[x.dim()];
    int n = 0;
    for (int d = 0; d < indices.size(); d++) {
      if (indices.get(d) == null) continue;
      together = Shape.broadcast("index", together, indices.get(d).shape());
      dims[n++] = d;
    }
    if (n == 0) throw new IllegalArgumentException("index: at least one index must be a tensor");
    int[] indexed = Arrays.copyOf(dims, n);
    int[] kept = Dims.of("index", x, indexed, false).kept();
    picked = together;
    rest = Dims.pick(x.shape(), kept);
    rows = Shape.numel(Dims.pick(x.shape(), indexed));
    at = indexed[n - 1] - indexed[0] == n - 1 ? indexed[0] : 0;
    order = Arrays.copyOf(indexed, x.dim());
    System.arraycopy(kept, 0, order, n, kept.length);
    linear = linear(indices, indexed);
  }

  private static void addIndex(Tensor x, List<Tensor> indices, Tensor t) {
    if (t == null || t.dtype() == DType.INT64) {
      indices.add(t);
      return;
    }
    if (!Indices.isMask(t))
      throw new IndexOutOfBoundsException(
          "tensors used as indices must be long, byte or bool tensors, got " + t.dtype());
    checkMask(x, indices.size(), t);
    Tensor places = t.nonzero();
    for (int d = 0; d < t.dim(); d++) indices.add(places.select(1, d));
  }

  private static void checkMask(Tensor x, int first, Tensor mask) {
    for (int d = 0; d < mask.dim() && first + d < x.dim(); d++)
      if (mask.shape()[d] != x.shape()[first + d])
        throw new IndexOutOfBoundsException(
            "The shape of the mask %s at index %s does not match the shape of the indexed tensor %s at index %s"
                .formatted(
                    Arrays.toString(mask.shape()), d, Arrays.toString(x.shape()), first + d));
  }

  private Tensor linear(List<Tensor> indices, int[] dims) {
    Tensor sum = null;
    for (int d : dims) {
      Tensor index = Indices.wrapped(indices.get(d), d, x.shape()[d]);
      sum = sum == null ? index : sum.mul((long) x.shape()[d]).add(index);
    }
    return sum.expand(picked).reshape(Shape.numel(picked));
  }

  Tensor get() {
    Tensor front = folded().indexSelect(0, linear).reshape(frontShape());
    return front.permute(toResult());
  }

  /** Values are of the tensor's type; but one that fills a single mask is cast to it. */
  static void checkType(String op, Tensor x, Tensor[] indices, Tensor values, boolean accumulate) {
    List<Tensor> given = Arrays.stream(indices).filter(Objects::nonNull).toList();
    boolean fills = !accumulate && values.numel() == 1 && given.size() == 1;
    if (!fills || !Indices.isMask(given.get(0))) Require.sameType(op, x, "values", values);
  }

  /** x with values written, or added, at the indices. */
  Tensor put(Tensor values, boolean accumulate) {
    int[] back = toResult();
    int[] result = Dims.pick(frontShape(), back);
    int[] lines = with(linear.numel(), rest);
    Tensor src = values.to(x.dtype()).expand(result).permute(inverse(back)).reshape(lines);
    int[] ones = new int[lines.length];
    Arrays.fill(ones, 1);
    ones[0] = lines[0];
    Tensor index = linear.reshape(ones).expand(lines);
    Tensor folded = folded();
    Tensor y = accumulate ? folded.scatterAdd(0, index, src) : folded.scatter(0, index, src);
    Tensor whole = y.reshape(Dims.pick(x.shape(), order)).permute(inverse(order));
    return x.dim() == shape.length ? whole : whole.reshape(shape);
  }

  private Tensor folded() {
    return x.permute(order).reshape(with(rows, rest));
  }

  private int[] frontShape() {
    int[] shape = Arrays.copyOf(picked, picked.length + rest.length);
    System.arraycopy(rest, 0, shape, picked.length, rest.length);
    return shape;
  }

  /* From the picked dimensions first to where they stand in the result. */
  private int[] toResult() {
    int[] dims = new int[picked.length + rest.length];
    for (int i = 0; i < dims.length; i++) {
      boolean before = i < at;
      boolean inside = !before && i < at + picked.length;
      dims[i] = before ? picked.length + i : inside ? i - at : i;
    }
    return dims;
  }

  private static int[] inverse(int[] dims) {
    int[] inverse = new int[dims.length];
    for (int i = 0; i < dims.length; i++) inverse[dims[i]] = i;
    return inverse;
  }

  private static int[] with(int first, int[] rest) {
    int[] shape = new int[rest.length + 1];
    shape[0] = first;
    System.arraycopy(rest, 0, shape, 1, rest.length);
    return shape;
  }
}
