package io.sparkgrad.cluster;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.op.nn.EmbeddingOptions;
import java.util.List;

/** Looks up rows of two tables by the features, of one of them twice. */
final class LookUpModel extends Module {
  private static final long serialVersionUID = 1;

  final Embedding first;
  final Linear top;
  final Embedding second;

  LookUpModel() {
    this(200, 4);
  }

  LookUpModel(int rows, int width) {
    first = new Embedding(rows, width, EmbeddingOptions.of().sparse());
    top = new Linear(PlainLoop.WIDTH + width, 3);
    second = new Embedding(30, width, EmbeddingOptions.of().sparse());
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor looked = look(first, x, 0).add(look(first, x, 1)).mul(look(second, x, 2));
    return top.forward(Tensor.cat(List.of(x, looked), 1));
  }

  private static Tensor look(Embedding table, Tensor x, int column) {
    int rows = table.weight.size(0);
    Tensor id = x.select(1, column).abs().mul(rows / 6.0).to(DType.INT64);
    return table.forward(id.clamp(0, rows - 1));
  }
}
