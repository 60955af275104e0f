package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some rows of the data.
 *
 * @param inputs rows first, by name
 * @param target {@code [rows]}, or {@code [rows, numbers]} of labels of several; int64 where the
 *     label's columns hold whole numbers. Without a label the model's only matrix; null: there is
 *     none
 * @param weights {@code [rows]}, of the column of weights; null: there is none
 */
public record Batch(Tensors inputs, Tensor target, Tensor weights) {
  /**
   * The same rows in so many pieces at most, one behind the other, as even as can be; each has a
   * row. Views.
   */
  public List<Batch> pieces(int count) {
    int rows = inputs.first().size(0);
    int pieces = Math.max(1, Math.min(count, rows));
    if (pieces == 1) return List.of(this);
    List<Batch> all = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      int from = (int) ((long) rows * i / pieces);
      all.add(rows(from, (int) ((long) rows * (i + 1) / pieces) - from));
    }
    return all;
  }

  private Batch rows(int from, int count) {
    Map<String, Tensor> parts = new LinkedHashMap<>();
    for (String name : inputs.names()) parts.put(name, inputs.get(name).narrow(0, from, count));
    return new Batch(
        Tensors.of(parts),
        target == null ? null : target.narrow(0, from, count),
        weights == null ? null : weights.narrow(0, from, count));
  }

  /** Of rows that count one each. */
  public Batch(Tensors inputs, Tensor target) {
    this(inputs, target, null);
  }
}
