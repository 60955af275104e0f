package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.Recovery;
import io.sparkgrad.cluster.ps.WireBytes;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.util.List;

/**
 * The trained model and the figures of a fit.
 *
 * @param weights all trained parameters, flattened
 * @param workers K
 * @param seconds of the training job, without reading the data
 * @param readSeconds reading the rows into the executors
 * @param skippedRows rows of the training set that could not be read
 * @param wire network bytes of all executors
 * @param times of each task that did a step
 * @param recoveries how the run went on, each time after a loss, a task that came or went, or a
 *     stop
 * @param processors what the gradients were computed on, each once
 */
public record FitResult(
    TrainedModel trained,
    float[] weights,
    History history,
    int workers,
    long seed,
    double seconds,
    double readSeconds,
    long skippedRows,
    WireBytes wire,
    List<StepTimes> times,
    List<Recovery> recoveries,
    List<Processor> processors) {}
