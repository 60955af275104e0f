package io.sparkgrad.cluster.ps;

/**
 * The sum over one node's workers of a step.
 *
 * @param sum of their gradients; null when none had rows
 * @param lossSum sum of the losses of all rows
 * @param denominator what the loss is divided by: rows, sum of class weights, targets not ignored
 */
record PartialSum(TreeNode node, Floats sum, double lossSum, double denominator) {
  /** The part for some numbers of the sum. */
  PartialSum gather(Spans numbers) {
    return sum == null ? this : new PartialSum(node, numbers.gather(sum), lossSum, denominator);
  }
}
