package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

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
  /** Of rows that count one each. */
  public Batch(Tensors inputs, Tensor target) {
    this(inputs, target, null);
  }
}
