package io.sparkgrad.cluster.fitting;

import java.io.Serializable;
import java.util.Map;

/**
 * A finished epoch.
 *
 * @param number 1 for the first
 * @param of epochs in all
 * @param loss over all rows of the epoch, each at the weights of its step
 * @param validationLoss of the weights at its end; NaN without a validation set
 * @param metrics by name, of the weights at its end, on the validation set
 * @param partial maxMinutes or stop ended it before its last row; the loss is that of the rows so
 *     far
 */
public record Epoch(
    int number,
    int of,
    double loss,
    double validationLoss,
    Map<String, Double> metrics,
    boolean partial)
    implements Serializable {}
