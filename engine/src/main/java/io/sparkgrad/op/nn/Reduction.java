package io.sparkgrad.op.nn;

/** How a loss folds its elements: PyTorch's reduction. */
public enum Reduction {
  NONE,
  SUM,
  MEAN
}
