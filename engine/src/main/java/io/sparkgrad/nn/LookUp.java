package io.sparkgrad.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.EmbeddingOptions;

/** A table of vectors that are looked up by their numbers. */
abstract class LookUp extends Module {
  private static final long serialVersionUID = 1;

  /** [num, dim]. */
  public final Parameter weight;

  final EmbeddingOptions options;
  private transient RowReads reads; // null: every row is there

  /** Hears which rows are about to be looked up, and brings them. */
  @FunctionalInterface
  interface RowReads {
    void read(Tensor ids);
  }

  LookUp(int numEmbeddings, int embeddingDim, EmbeddingOptions options) {
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

  final void onReads(RowReads reads) {
    this.reads = reads;
  }

  final void read(Tensor ids) {
    if (reads != null) reads.read(ids);
  }

  @Override
  protected String describe() {
    return "%d, %d%s".formatted(weight.size(0), weight.size(1), options.text(weight.size(0)));
  }
}
