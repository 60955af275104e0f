package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.GpuSetting;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The settings of a fit; they stay on the driver.
 *
 * @param inputs of the model, and their columns
 * @param label column of the targets
 * @param rowOrder column to sort the rows by first; null: the order of the source
 * @param start the numbers to start from, by their names in the state dict; null: the model's own
 * @param batchSize rows of a step over all workers
 * @param workers K; 0: the smallest power of two that keeps all of Spark's slots busy
 * @param seed of the first weights and all else that is random
 * @param shuffle whether each epoch takes the rows in a new order
 * @param patience epochs that are not better than the best before that end the run; 0: never
 * @param goal the metric that epochs are judged by; null: the validation loss
 * @param higherIsBetter of that metric
 * @param maxMinutes from the first step on, after which the run ends; infinity: never
 * @param gpu null: the session's spark.sparkgrad.gpu
 * @param metrics by name, in the order to report them
 * @param validation rows to measure on; null: none
 * @param nanoClock by which maxMinutes counts
 * @param onEpoch called after each epoch by the thread that called fit
 * @param printEpochs whether to print each epoch as a row of a table
 */
public record FitSettings(
    ModelSupplier model,
    BatchLoss loss,
    Optimizer optimizer,
    Inputs inputs,
    String label,
    String rowOrder,
    Map<String, Tensor> start,
    int batchSize,
    int epochs,
    int workers,
    long seed,
    boolean shuffle,
    int patience,
    String goal,
    boolean higherIsBetter,
    double maxMinutes,
    GpuSetting gpu,
    Map<String, Metric> metrics,
    Dataset<Row> validation,
    LongSupplier nanoClock,
    Consumer<Epoch> onEpoch,
    boolean printEpochs) {
  public FitSettings {
    metrics = new LinkedHashMap<>(metrics);
  }
}
