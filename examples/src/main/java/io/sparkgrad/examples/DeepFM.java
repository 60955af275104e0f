package io.sparkgrad.examples;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.op.nn.EmbeddingOptions;
import java.util.List;

/**
 * DeepFM (Guo et al. 2017, arXiv:1703.04247) over hashed fields and numbers: a weight for each
 * value, the products of the fields' vectors by pairs, and a net over all vectors and numbers;
 * their sum is the log-odds of class 1.
 *
 * <p>Inputs: {@code ids} int64 {@code [rows, fields]}, below {@code buckets}, and {@code numbers}
 * float32 {@code [rows, numbers]}.
 */
public final class DeepFM extends NamedModule {
  private static final long serialVersionUID = 1L;

  private final int buckets;
  private final Embedding weights;
  private final Embedding vectors;
  private final Linear linear;
  private final Sequential deep;

  /**
   * @param fields columns of ids, each with rows of its own in the tables
   * @param size of a field's vector
   */
  public DeepFM(int fields, int buckets, int numbers, int size, int hidden, double dropout) {
    this(fields, buckets, numbers, size, hidden, dropout, EmbeddingOptions.of());
  }

  /**
   * As the constructor, with tables that stay rows on a cluster: a step reads and moves those that
   * it looks up, if the optimizer knows rows.
   */
  static DeepFM ofRows(int fields, int buckets, int numbers, int size, int hidden, double dropout) {
    return new DeepFM(
        fields, buckets, numbers, size, hidden, dropout, EmbeddingOptions.of().sparse());
  }

  private DeepFM(
      int fields,
      int buckets,
      int numbers,
      int size,
      int hidden,
      double dropout,
      EmbeddingOptions tables) {
    this.buckets = buckets;
    weights = new Embedding(fields * buckets, 1, tables);
    vectors = new Embedding(fields * buckets, size, tables);
    Init.zeros_(weights.weight);
    Init.normal_(vectors.weight, 0, 0.01);
    linear = new Linear(numbers, 1);
    deep =
        new Sequential(
            new Linear(fields * size + numbers, hidden),
            new ReLU(),
            new Dropout(dropout),
            new Linear(hidden, hidden),
            new ReLU(),
            new Dropout(dropout),
            new Linear(hidden, 1));
  }

  @Override
  public Tensors forward(Tensors in) {
    Tensor numbers = in.get("numbers");
    Tensor ids = in.get("ids");
    Tensor rows = ids.add(Tensor.arange(ids.size(1)).mul(buckets).to(ids.device()));
    Tensor first = weights.forward(rows).sum(1).add(linear.forward(numbers));
    Tensor v = vectors.forward(rows); // [rows, fields, size]
    Tensor pairs = v.sum(1).square().sub(v.square().sum(1)).sum(1, true).mul(0.5);
    Tensor x = Tensor.cat(List.of(v.flatten(1), numbers), 1);
    return Tensors.of(first.add(pairs).add(deep.forward(x)));
  }
}
