package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** Views of neighbours along a dimension, of the given sizes; the gradients are put together. */
final class Split extends Op implements Op.TakesStorageTypes {
  private final int[] sizes;
  private final int dim;
  private final String name;

  Split(int[] sizes, int dim) {
    this(sizes, dim, "SplitWithSizesBackward0");
  }

  private Split(int[] sizes, int dim, String name) {
    this.sizes = sizes.clone();
    this.dim = dim;
    this.name = name;
  }

  /** Parts of equal size, but for the last of what is left. */
  static Split every(int size, int dim, Tensor x) {
    int n = size("split", dim, x);
    if (size < 0 || size == 0 && n > 0)
      throw new IllegalArgumentException("split: size must be positive, got " + size);
    int[] sizes = new int[size == 0 ? 1 : Math.max(1, (n + size - 1) / size)];
    Arrays.fill(sizes, size);
    sizes[sizes.length - 1] = n - (sizes.length - 1) * size;
    return new Split(sizes, dim, "SplitBackward0");
  }

  /** At most so many parts of equal size, but for the last; just so many of an empty dimension. */
  static Split parts(int chunks, int dim, Tensor x) {
    int n = size("chunk", dim, x);
    if (chunks <= 0)
      throw new IllegalArgumentException(
          "chunk: expects chunks to be greater than 0, got %d".formatted(chunks));
    return n == 0 ? new Split(new int[chunks], dim) : every((n + chunks - 1) / chunks, dim, x);
  }

  /** The size of the dimension that is cut. */
  static int size(String op, int dim, Tensor x) {
    if (x.dim() == 0)
      throw new IllegalArgumentException(
          op + " expects at least a 1-dimensional tensor, got a 0-dim one");
    return x.size(dim);
  }

  /** The same with parts that are no views to autograd, each with a version of its own. */
  Split unsafe() {
    return new Split(sizes, dim, "Unsafe" + name);
  }

  @Override
  public String nodeName() {
    return name;
  }

  @Override
  public String cudaSupport() {
    return "views";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    check(size("split", dim, x));
    int d = Shape.dim(dim, x.dim());
    Tensor[] parts = new Tensor[sizes.length];
    int at = x.offset();
    for (int i = 0; i < parts.length; i++) {
      int[] shape = x.shape().clone();
      shape[d] = sizes[i];
      Tensor part = x.alias(shape, x.strides(), at);
      parts[i] = name.startsWith("Unsafe") ? part.data() : part.oneOfSeveral();
      at += sizes[i] * x.strides()[d];
    }
    return parts;
  }

  private void check(int n) {
    int sum = 0;
    for (int s : sizes) {
      if (s < 0)
        throw new IllegalArgumentException(
            "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes="
                + Arrays.toString(sizes));
      sum += s;
    }
    if (sum != n)
      throw new IllegalArgumentException(
          "split_with_sizes expects split_sizes to sum exactly to %s (input tensor's size at dimension %s), but got split_sizes=%s"
              .formatted(n, dim, Arrays.toString(sizes)));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor any = Arrays.stream(grads).filter(g -> g != null).findFirst().orElseThrow();
    int d = Shape.dim(dim, any.dim());
    Tensor[] all = grads.clone();
    for (int i = 0; i < all.length; i++) {
      if (all[i] != null) continue;
      int[] shape = any.shape().clone();
      shape[d] = sizes[i];
      all[i] = any.newZeros(shape);
    }
    return new Tensor[] {Cat.of(d, all)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Split(new int[] {1, 2}, 0), make.any(3, 2)),
        new SampleInput(new Split(new int[] {3, 0, 1}, -1), make.any(2, 4)),
        new SampleInput(new Split(new int[] {2}, 1), make.any(2, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Split(new int[] {1, 3}, 0)
            .errorInput("expects split_sizes to sum exactly to 3", make.any(3)),
        new Split(new int[] {-1, 4}, 0).errorInput("have only non-negative entries", make.any(3)),
        new ErrorInput("split: size must be positive, got 0", () -> make.any(3).split(0, 0)),
        errorInput("split expects at least a 1-dimensional tensor", make.any()));
  }
}
