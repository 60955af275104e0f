/**
 * Operations of networks: convolutions, pooling, activations, softmax, losses, embeddings, dropout.
 *
 * <dl>
 *   <dt>row
 *   <dd>the elements along the one dimension that softmax and its relatives run over: {@code
 *       RowwiseOp}
 *   <dt>logits
 *   <dd>scores before a softmax or sigmoid
 *   <dt>target
 *   <dd>what a loss compares with: numbers, class indices, or class probabilities
 *   <dt>reduction
 *   <dd>none, the sum, or the mean of a loss over its elements: {@code Reduction}
 *   <dt>ignored index
 *   <dd>a class whose rows count in neither sum nor mean
 *   <dt>patch
 *   <dd>the pixels of an image that a kernel sees at once: {@code Patches}
 *   <dt>window
 *   <dd>the pixels that a pooling makes one: {@code Windows}
 *   <dt>bag
 *   <dd>a run of indices whose embeddings are summed, averaged or maximized: {@code EmbeddingBag}
 * </dl>
 */
package io.sparkgrad.op.nn;
