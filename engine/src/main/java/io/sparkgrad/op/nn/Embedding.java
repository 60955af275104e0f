package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a matrix that int64 indices name. The gradient adds up where a row was named twice,
 * as a matrix of zeros elsewhere or as a {@link RowSparse} of the named rows; the row of padding
 * has none.
 */
final class Embedding extends Op {
  private final EmbeddingOptions options;

  Embedding(EmbeddingOptions options) {
    this.options = options;
  }

  /** As torch.nn.functional.embedding. */
  static Tensor of(Tensor weight, Tensor indices, EmbeddingOptions options) {
    checkWeight(weight);
    options.padding(weight.shape()[0]);
    check(weight, indices);
    if (options.maxNorm() != null) shorten(weight, indices, options.maxNorm(), options.normType());
    return Ops.call(new Embedding(options), weight, indices);
  }

  private static void shorten(Tensor weight, Tensor indices, double maxNorm, double p) {
    try (var mode = Grad.noGrad()) {
      Tensor rows = indices.unique().values().to(DType.INT64);
      Tensor picked = weight.detach().indexSelect(0, rows);
      Tensor norm = picked.norm(p, new int[] {1}, true);
      Tensor factor = norm.add(1e-7).reciprocal().mul(maxNorm);
      Tensor shortened = norm.gt(maxNorm).where(picked.mul(factor), picked);
      weight.indexPut_(new Tensor[] {rows}, shortened, false); // which may lie expanded
    }
  }

  private static void checkWeight(Tensor weight) {
    if (weight.dim() != 2)
      throw new IllegalArgumentException(
          "embedding: 'weight' must be 2-D, got shape " + Arrays.toString(weight.shape()));
  }

  private static void check(Tensor weight, Tensor indices) {
    Tensor whole = Indices.whole("embedding", indices);
    if (indices.device().isCuda()) return; // the kernel looks
    for (long k : whole.toLongs()) {
      if (k < 0 || k >= weight.shape()[0])
        throw new IndexOutOfBoundsException(
            "embedding: index out of range in self: %s of %s rows".formatted(k, weight.shape()[0]));
    }
  }

  @Override
  public String cudaSupport() {
    return "a gather; sums by scatterAdd";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor weight = in[0];
    Tensor indices = in[1];
    checkWeight(weight);
    Tensor rows = Ops.copy(indices, indices.device(), DType.INT64).view(indices.numel());
    ctx.save(rows);
    int[] shape = Arrays.copyOf(indices.shape(), indices.dim() + 1);
    shape[indices.dim()] = weight.shape()[1];
    return new Tensor[] {weight.indexSelect(0, rows).reshape(shape)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    Tensor rows = ctx.saved(0);
    Tensor g = grads[0].reshape(rows.numel(), shape[1]);
    int padding = options.padding(shape[0]);
    if (options.isSparse()) return new Tensor[] {sparse(rows, g, shape, padding), null};
    if (padding >= 0) g = rows.eq((long) padding).unsqueeze(1).where(Tensor.number(0L), g);
    if (options.scalesByFrequency()) {
      Tensor ones = g.newZeros(rows.numel()).fill_(1);
      Tensor counts = g.newZeros(shape[0]).indexAdd(0, rows, ones);
      g = g.div(counts.indexSelect(0, rows).unsqueeze(1));
    }
    return new Tensor[] {g.newZeros(shape).indexAdd(0, rows, g), null};
  }

  private Tensor sparse(Tensor rows, Tensor g, int[] shape, int padding) {
    if (options.scalesByFrequency())
      throw new IllegalArgumentException(
          "embedding_backward: scale_grad_by_freq not supported with sparse gradients");
    if (padding < 0) return new RowSparse(rows, g, shape);
    Tensor kept = rows.ne((long) padding).nonzero().reshape(-1);
    return new RowSparse(rows.indexSelect(0, kept), g.indexSelect(0, kept), shape);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    Embedding op = new Embedding(EmbeddingOptions.of());
    return List.of(
        new SampleInput(op, make.any(4, 3), make.below(4, 2, 3)),
        new SampleInput(op, make.any(3, 4).t(), make.below(4, 5)),
        new SampleInput(op, make.any(4, 3), make.below(4)),
        new SampleInput(op, make.any(4, 3), make.below(4, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new ErrorInput("'weight' must be 2-D", () -> make.any(3).embedding(make.below(3, 2))),
        new ErrorInput(
            "index out of range in self", () -> make.any(2, 3).embedding(Tensor.tensor(2L))),
        new ErrorInput("int64 or int32", () -> make.any(2, 3).embedding(make.any(2))));
  }
}
