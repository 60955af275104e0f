package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.Use;
import io.sparkgrad.cluster.ingest.RowSettings;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The settings of a fit; they stay on the driver.
 *
 * @param rows the columns to read
 * @param start the numbers to start from, by their names in the state dict; null: the model's own
 * @param gpu null: the session's spark.sparkgrad.gpu
 * @param metrics by name, in the order to report them
 * @param validation rows to measure on; null: none
 * @param onEpoch called after each epoch by the thread that called fit
 * @param printEpochs whether to print each epoch as a row of a table
 */
public record FitSettings(
    ModelSupplier model,
    BatchLoss loss,
    Optimizer optimizer,
    RowSettings rows,
    Map<String, Tensor> start,
    Passes passes,
    Stopping stopping,
    Use gpu,
    Map<String, Metric> metrics,
    Dataset<Row> validation,
    Consumer<Epoch> onEpoch,
    boolean printEpochs) {
  public FitSettings {
    metrics = new LinkedHashMap<>(metrics);
  }
}
