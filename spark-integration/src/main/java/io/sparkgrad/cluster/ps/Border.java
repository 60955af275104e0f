package io.sparkgrad.cluster.ps;

/**
 * What changes at a step border; the lead says it with the new weights. Null in a message: nothing.
 *
 * @param leases valid from the border on; null when they stay
 * @param end the run ends here, before its last step
 */
record Border(Leases leases, boolean end) {}
