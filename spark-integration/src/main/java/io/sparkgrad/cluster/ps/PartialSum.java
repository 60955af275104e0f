package io.sparkgrad.cluster.ps;

import java.util.List;

/**
 * The sum over one node's workers of a step.
 *
 * @param sum of their gradients; null when none had rows
 * @param rows of tables, the same; empty when none had rows
 * @param lossSum sum of the losses of all rows
 * @param denominator what the loss is divided by: rows, sum of class weights, targets not ignored
 */
record PartialSum(
    TreeNode node, Floats sum, List<TableRows> rows, double lossSum, double denominator) {
  PartialSum(TreeNode node, Floats sum, double lossSum, double denominator) {
    this(node, sum, List.of(), lossSum, denominator);
  }

  /** The part for a chunk. */
  PartialSum of(Chunk c, Segments cut) {
    if (c.isRows(cut))
      return new PartialSum(node, null, cut.only(rows, c.segments()), lossSum, denominator);
    Floats part = sum == null ? null : cut.numbers(c.segments()).gather(sum);
    return new PartialSum(node, part, lossSum, denominator);
  }
}
