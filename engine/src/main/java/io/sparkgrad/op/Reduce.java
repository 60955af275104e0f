package io.sparkgrad.op;

/** How a loss folds its elements: PyTorch's reduction. */
public enum Reduce {
  NONE,
  SUM,
  MEAN
}
