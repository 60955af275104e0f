package io.sparkgrad.cluster.ps;

import java.util.function.Consumer;

/**
 * The sum over one node's workers of a step.
 *
 * @param lossSum sum of the losses of all rows
 * @param denominator what the loss is divided by: rows, sum of class weights, targets not ignored
 * @param count of rows, by which buffers are weighted
 */
record PartialSum(
    TreeNode node, Gradient gradient, double lossSum, double denominator, long count) {

  /** Of a run without buffers. */
  PartialSum(TreeNode node, Gradient gradient, double lossSum, double denominator) {
    this(node, gradient, lossSum, denominator, 0);
  }

  /** What a part has of it. */
  PartialSum of(Part part, Segments cut) {
    return new PartialSum(node, part.of(gradient, cut), lossSum, denominator, count);
  }

  /** The same, of the node above, where this one has no sibling. */
  PartialSum raised() {
    return new PartialSum(node.parent(), gradient, lossSum, denominator, count);
  }

  /** The sum of two siblings, the left one first; in its array. */
  static PartialSum sum(PartialSum left, PartialSum right, int maxima, Consumer<Floats> freed) {
    return new PartialSum(
        left.node.parent(),
        Gradient.sum(left.gradient, right.gradient, maxima, freed),
        left.lossSum + right.lossSum,
        left.denominator + right.denominator,
        left.count + right.count);
  }
}
