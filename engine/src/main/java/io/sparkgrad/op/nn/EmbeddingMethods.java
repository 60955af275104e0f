package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;

/** A matrix's methods that look up rows. */
public interface EmbeddingMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The rows of this matrix that the indices name. */
  default Tensor embedding(Tensor indices) {
    return embedding(indices, EmbeddingOptions.of());
  }

  /** As {@link #embedding(Tensor)}; row paddingIdx has no gradient. */
  default Tensor embedding(Tensor indices, int paddingIdx) {
    return embedding(indices, EmbeddingOptions.of().paddingIdx(paddingIdx));
  }

  default Tensor embedding(Tensor indices, EmbeddingOptions options) {
    return Embedding.of(self(), indices, options);
  }

  /**
   * The sum, mean or max of the rows of this matrix over bags of indices; bag i starts at
   * offsets[i]. An empty bag is 0.
   */
  default Tensor embeddingBag(Tensor indices, Tensor offsets, String mode) {
    return embeddingBag(indices, offsets, null, EmbeddingOptions.of().mode(mode));
  }

  /**
   * As {@link #embeddingBag(Tensor, Tensor, String)}. A matrix of indices has a bag a row and no
   * offsets (null). The rows of a sum may be weighted by perSampleWeights, of the indices' shape,
   * or null.
   */
  default Tensor embeddingBag(
      Tensor indices, Tensor offsets, Tensor perSampleWeights, EmbeddingOptions options) {
    return EmbeddingBag.of(self(), indices, offsets, perSampleWeights, options);
  }
}
