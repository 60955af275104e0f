package io.sparkgrad.op;

/**
 * The checks of every registered op: a column each in the table of operations. An op to which one
 * does not apply says why in {@link Op#exempt}.
 */
public enum Check {
  PYTORCH("PyTorch's numbers"),
  GRADCHECK("gradcheck"),
  GRADGRADCHECK("gradgradcheck"),
  STRIDES("any strides"),
  METHOD("method"),
  IN_PLACE("in place"),
  ERRORS("errors"),
  FLOAT32("float32"),
  CUDA("CUDA");

  /** How the table names it. */
  final String title;

  Check(String title) {
    this.title = title;
  }
}
