package io.sparkgrad.cluster.fitting;

import java.util.function.LongSupplier;

/**
 * What ends a fit before its last epoch.
 *
 * @param patience epochs that are not better than the best before that end the run; 0: never
 * @param goal the metric that epochs are judged by; null: the validation loss
 * @param higherIsBetter of that metric
 * @param maxMinutes from the first step on, after which the run ends; infinity: never
 * @param nanoClock by which maxMinutes counts
 */
public record Stopping(
    int patience, String goal, boolean higherIsBetter, double maxMinutes, LongSupplier nanoClock) {}
