package io.sparkgrad.cluster.ml;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ModuleList;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers and categories: a deep net over the numbers and a vector of each category, and where they
 * are asked for a linear model beside it, and the products of the vectors by pairs. Their sum is
 * the output, float32 {@code [rows, outputs]}.
 */
final class TabularModule extends NamedModule {
  private static final long serialVersionUID = 1L;

  /** Makes the deep net. */
  @FunctionalInterface
  interface Layers {
    Sequential of(int inputs, int outputs);
  }

  private final ArrayList<String> columns;
  private final boolean pairs;
  private final boolean numbers;
  private final ModuleList vectors = new ModuleList();
  private final Sequential deep;
  private final ModuleList weights = new ModuleList(); // of each category; empty without the wide
  private final Module linear; // null without it, or without numbers

  TabularModule(Sizes sizes, int embedding, Layers layers, boolean wide, boolean pairs) {
    this.columns = new ArrayList<>(sizes.columns());
    this.pairs = pairs;
    this.numbers = sizes.features() > 0;
    for (int size : sizes.categories()) {
      Embedding vector = new Embedding(size, embedding);
      Init.normal_(vector.weight, 0, pairs ? 0.01 : 0.05);
      vectors.append(vector);
      if (!wide) continue;
      Embedding weight = new Embedding(size, sizes.outputs());
      Init.zeros_(weight.weight);
      weights.append(weight);
    }
    this.linear = wide && numbers ? new Linear(sizes.features(), sizes.outputs()) : null;
    this.deep = layers.of(sizes.features() + columns.size() * embedding, sizes.outputs());
  }

  @Override
  public Tensors forward(Tensors in) {
    Tensor x = numbers ? in.get(Inputs.FEATURES) : null;
    List<Tensor> all = new ArrayList<>();
    List<Tensor> looked = new ArrayList<>(); // [rows, embedding] each
    for (int c = 0; c < columns.size(); c++) looked.add(vectors.get(c).apply(id(in, c)));
    all.addAll(looked);
    if (x != null) all.add(x);
    Tensor sum = deep.apply(all.size() == 1 ? all.get(0) : Tensor.cat(all, 1));
    if (linear != null) sum = sum.add(linear.apply(x));
    for (int c = 0; c < weights.size(); c++) sum = sum.add(weights.get(c).apply(id(in, c)));
    return Tensors.of(pairs ? sum.add(products(Tensor.stack(looked, 1))) : sum);
  }

  private Tensor id(Tensors in, int column) {
    return in.get(columns.get(column)).flatten();
  }

  /** The products by pairs, summed: of {@code [rows, columns, embedding]}, {@code [rows, 1]}. */
  private static Tensor products(Tensor v) {
    return v.sum(1).square().sub(v.square().sum(1)).sum(1, true).mul(0.5);
  }
}
