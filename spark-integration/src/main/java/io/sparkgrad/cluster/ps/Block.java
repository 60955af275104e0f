package io.sparkgrad.cluster.ps;

/**
 * A node of the summation tree: the workers {@code [first, first + 2^level)}, as far as they exist.
 * Two workers that exist always meet at the same node, whatever the number of executors.
 */
record Block(int first, int level) {
  static final int MAX_LEVEL = 30;

  Block {
    if (level < 0 || level > MAX_LEVEL || first < 0 || first % (1 << level) != 0)
      throw new IllegalArgumentException("no aligned block: first " + first + ", level " + level);
  }

  static Block leaf(int worker) {
    return new Block(worker, 0);
  }

  /** The smallest block that holds all of {@code workers}. */
  static Block root(int workers) {
    return new Block(0, 32 - Integer.numberOfLeadingZeros(workers - 1));
  }

  Block parent() {
    return new Block(first & -(1 << (level + 1)), level + 1);
  }

  Block sibling() {
    return new Block(first ^ (1 << level), level);
  }

  /** The end (exclusive) of the workers inside, of {@code workers} in all. */
  int end(int workers) {
    return (int) Math.min((long) first + (1L << level), workers);
  }

  int size(int workers) {
    return end(workers) - first;
  }
}
