package io.sparkgrad.cluster.ps;

/**
 * A change that takes effect at a step boundary; the reporter sends it with the new weights. Null
 * in a message: none.
 *
 * @param assignment valid from the boundary on; null: unchanged
 * @param end whether the run ends here, before its last step
 */
record BoundaryChange(Assignment assignment, boolean end) {}
