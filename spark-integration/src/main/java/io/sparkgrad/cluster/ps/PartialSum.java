package io.sparkgrad.cluster.ps;

import java.util.function.Consumer;

/**
 * The sum over one node's workers of a step.
 *
 * @param lossSum sum of the losses of all rows
 * @param denominator what the loss is divided by: rows, sum of class weights, targets not ignored
 */
record PartialSum(TreeNode node, Gradient gradient, double lossSum, double denominator) {

  /** What a part has of it. */
  PartialSum of(Part part, Segments cut) {
    return new PartialSum(node, part.of(gradient, cut), lossSum, denominator);
  }

  /** The same, of the node above, where this one has no sibling. */
  PartialSum raised() {
    return new PartialSum(node.parent(), gradient, lossSum, denominator);
  }

  /** The sum of two siblings, the left one first; in its array. */
  static PartialSum sum(PartialSum left, PartialSum right, Consumer<Floats> freed) {
    return new PartialSum(
        left.node.parent(),
        Gradient.sum(left.gradient, right.gradient, freed),
        left.lossSum + right.lossSum,
        left.denominator + right.denominator);
  }
}
