package io.sparkgrad.cluster.ps;

/**
 * A node of the summation tree: the workers {@code [first, first + 2^level)} that exist. Two
 * workers that exist always meet at the same node, whatever the number of executors.
 */
record TreeNode(int first, int level) {
  static final int MAX_LEVEL = 30;

  TreeNode {
    if (level < 0 || level > MAX_LEVEL || first < 0 || first % (1 << level) != 0)
      throw new IllegalArgumentException("no aligned block: first " + first + ", level " + level);
  }

  static TreeNode leaf(int worker) {
    return new TreeNode(worker, 0);
  }

  /** The smallest node that covers all of {@code workers}. */
  static TreeNode root(int workers) {
    return new TreeNode(0, 32 - Integer.numberOfLeadingZeros(workers - 1));
  }

  TreeNode parent() {
    return new TreeNode(first & -(1 << (level + 1)), level + 1);
  }

  TreeNode sibling() {
    return new TreeNode(first ^ (1 << level), level);
  }

  /** The end (exclusive) of the workers inside, of {@code workers} in all. */
  int end(int workers) {
    return (int) Math.min((long) first + (1L << level), workers);
  }

  int size(int workers) {
    return end(workers) - first;
  }
}
