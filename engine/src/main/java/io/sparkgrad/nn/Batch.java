package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * Some rows of the data.
 *
 * @param inputs rows first, by name
 * @param target {@code [rows]}; int64 where the label column holds whole numbers
 * @param weights {@code [rows]}, of the column of weights; null: there is none
 */
public record Batch(Tensors inputs, Tensor target, Tensor weights) {
  /** Of rows that count one each. */
  public Batch(Tensors inputs, Tensor target) {
    this(inputs, target, null);
  }
}
