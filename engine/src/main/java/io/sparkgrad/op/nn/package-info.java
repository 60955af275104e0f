/** Operations of networks: activations, softmax, losses, embeddings, dropout. */
package io.sparkgrad.op.nn;
