package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * The end of a run: after which step, why, and with which weights.
 *
 * @param steps count of finished steps
 * @param best the step that starts with the weights of the lowest objective; 0 without validation
 * @param result the step that starts with the weights that the run gives: {@code steps} or {@code
 *     best}
 */
public record RunOutcome(long steps, long best, long result, StopReason reason)
    implements Serializable {}
