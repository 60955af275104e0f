package io.sparkgrad.nn;

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
public class Embedding extends LookUp {
  private static final long serialVersionUID = 1;

  public Embedding(int numEmbeddings, int embeddingDim) {
    this(numEmbeddings, embeddingDim, EmbeddingOptions.of());
  }

  public Embedding(int numEmbeddings, int embeddingDim, EmbeddingOptions options) {
    super(numEmbeddings, embeddingDim, options);
  }

  @Override
  public Tensor forward(Tensor ids) {
    read(ids);
    return weight.embedding(ids, options);
  }
}
