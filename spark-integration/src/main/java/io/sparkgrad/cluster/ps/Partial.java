package io.sparkgrad.cluster.ps;

/**
 * What the workers of one node contribute to a step.
 *
 * @param sum the summed gradients, null when none of the workers had rows
 * @param lossSum the sum of the losses of all rows
 * @param denominator what the loss is divided by: rows, sum of class weights, targets not ignored
 */
record Partial(Block node, Floats sum, double lossSum, double denominator) {
  Partial slice(int at, int n) {
    return sum == null ? this : new Partial(node, sum.slice(at, n), lossSum, denominator);
  }
}
