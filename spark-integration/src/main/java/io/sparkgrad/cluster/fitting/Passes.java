package io.sparkgrad.cluster.fitting;

/**
 * How a fit passes over its rows.
 *
 * @param batchSize rows of a step over all workers
 * @param accumulate pieces in which a worker computes its rows of a step
 * @param workers K; 0: the smallest power of two that keeps all of Spark's slots busy
 * @param seed of the first weights and all else that is random
 * @param shuffle whether each epoch takes the rows in a new order
 */
public record Passes(
    int batchSize, int accumulate, int epochs, int workers, long seed, boolean shuffle) {}
