package io.sparkgrad.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.EmbeddingOptions;

/**
 * A table of vectors that are looked up by their numbers: PyTorch's nn.Embedding, with its initial
 * values, normal with mean 0 and deviation 1 from the thread's generator, and zeros in the row of
 * padding. int64 or int32 ids of any shape give [.., dim].
 *
 * <p>With {@link EmbeddingOptions#sparse} gradients are rows, and a table that is trained on a
 * cluster stays rows there: a step moves the rows that it looks up and no others.
 */
public class Embedding extends Module {
  private static final long serialVersionUID = 1;

  /** [num, dim]. */
  public final Parameter weight;

  private final EmbeddingOptions options;
  transient RowReads reads; // null: every row is there

  /** Hears which rows are about to be looked up, and brings them. */
  @FunctionalInterface
  interface RowReads {
    void read(Tensor ids);
  }

  public Embedding(int numEmbeddings, int embeddingDim) {
    this(numEmbeddings, embeddingDim, EmbeddingOptions.of());
  }

  public Embedding(int numEmbeddings, int embeddingDim, EmbeddingOptions options) {
    this.options = options;
    weight = new Parameter(Tensor.randn(numEmbeddings, embeddingDim));
    int padding = options.padding(numEmbeddings);
    if (padding < 0) return;
    try (var quiet = Grad.noGrad()) {
      weight.select(0, padding).zero_();
    }
  }

  /** Whether gradients are rows, so that the table may stay rows where it is trained. */
  final boolean isOfRows() {
    return options.isSparse() && options.maxNorm() == null;
  }

  @Override
  public Tensor forward(Tensor ids) {
    if (reads != null) reads.read(ids);
    return weight.embedding(ids, options);
  }

  @Override
  protected String describe() {
    return "%d, %d%s".formatted(weight.size(0), weight.size(1), options.text(weight.size(0)));
  }
}
