package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * Some rows of the data.
 *
 * @param inputs rows first, by name
 * @param target {@code [rows]}; int64 where the label column holds whole numbers
 */
public record Batch(Tensors inputs, Tensor target) {}
