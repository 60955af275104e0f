package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.EmbeddingOptions;

/**
 * The sum, mean or maximum of the vectors that bags of ids look up: PyTorch's nn.EmbeddingBag, with
 * its initial values as {@link Embedding}'s. The default of {@link EmbeddingOptions#mode} is mean.
 */
public class EmbeddingBag extends LookUp {
  private static final long serialVersionUID = 1;

  public EmbeddingBag(int numEmbeddings, int embeddingDim) {
    this(numEmbeddings, embeddingDim, EmbeddingOptions.of());
  }

  public EmbeddingBag(int numEmbeddings, int embeddingDim, EmbeddingOptions options) {
    super(numEmbeddings, embeddingDim, options);
  }

  /** A bag a row: ids [n, each] give [n, dim]. */
  @Override
  public Tensor forward(Tensor ids) {
    return forward(ids, null, null);
  }

  /**
   * Bags one after the other in a vector of ids.
   *
   * @param offsets where each begins
   * @param perSampleWeights of the ids, for a sum; null: none
   */
  public Tensor forward(Tensor ids, Tensor offsets, Tensor perSampleWeights) {
    read(ids);
    return weight.embeddingBag(ids, offsets, perSampleWeights, options);
  }

  @Override
  protected String describe() {
    return super.describe() + ", mode=" + options.mode();
  }
}
