package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * How a run ended.
 *
 * @param steps finished steps
 * @param best the step that the weights of the lowest validation loss started; 0 without validation
 * @param result the step that the weights which the run gives started: {@code steps} or {@code
 *     best}
 */
public record Ending(long steps, long best, long result, StopReason reason)
    implements Serializable {}
