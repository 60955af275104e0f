package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.TensorScope;
import io.sparkgrad.cluster.ingest.BatchCursor;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.cluster.ingest.RowReader;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.random.Generator;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Scores the model on the validation rows, which belong to the K workers as the training rows do:
 * each task scores those of its workers. Sent to tasks in the closure; immutable but for {@link
 * #close}, which belongs to the driver.
 */
final class Validation implements Serializable, AutoCloseable {
  private static final long serialVersionUID = 1L;

  private final Rows rows;
  private final BatchLoss loss;
  private final LinkedHashMap<String, Metric> metrics;
  private final int batchSize;
  private final long seed;

  private Validation(Rows rows, FitSettings settings) {
    this.rows = rows;
    this.loss = settings.loss();
    this.metrics = new LinkedHashMap<>(settings.metrics());
    this.batchSize = settings.passes().batchSize();
    this.seed = settings.passes().seed();
  }

  /**
   * Checks what shows without reading: settings that need a validation set, and the columns of both
   * sets, before reading the larger one takes its time.
   */
  static void check(FitSettings settings, Dataset<Row> train) {
    if (settings.validation() == null) {
      if (settings.stopping().patience() > 0) throw needed("early stopping");
      for (String name : settings.metrics().keySet()) throw needed("metric '" + name + "'");
      return;
    }
    if (settings.stopping().goal() != null
        && !settings.metrics().containsKey(settings.stopping().goal()))
      throw new IllegalArgumentException(
          "early stopping by '%s', which is no metric of %s: add .metric(\"%s\", ...)"
              .formatted(
                  settings.stopping().goal(),
                  settings.metrics().keySet(),
                  settings.stopping().goal()));
    FeatureColumns.of(train, settings.rows());
    named(
        () ->
            FeatureColumns.of(settings.validation(), settings.rows())
                .select(settings.validation(), settings.rows().rowOrder()));
  }

  private static IllegalArgumentException needed(String by) {
    return new IllegalArgumentException(by + " needs a validation set: add .validate(data)");
  }

  /**
   * Reads the validation set and checks that the model takes it; null if there is none.
   *
   * @throws IllegalArgumentException as reading the training set does
   */
  static Validation read(FitSettings settings, Module model, Rows train) {
    if (settings.validation() == null) return null;
    return named(
        () -> {
          boolean skips = settings.rows().invalid() != Invalid.ERROR;
          Rows rows =
              RowReader.read(
                  settings.validation(),
                  settings.rows(),
                  train.workers(),
                  skips ? train.widthsOfAll() : null);
          try {
            FitLog.skipped("validation set", rows);
            if (rows.width() != train.width())
              throw new IllegalArgumentException(
                  "its rows have %d numbers, those of the training set have %d"
                      .formatted(rows.width(), train.width()));
            Probe.check(model, settings, rows);
            return new Validation(rows, settings);
          } catch (Throwable e) { // Spark throws checked ones undeclared
            rows.close();
            throw e;
          }
        });
  }

  private static <T> T named(Supplier<T> read) {
    try {
      return read.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("validation set: " + e.getMessage(), e);
    }
  }

  /** The persisted rows; a job that scores is built on them and the training rows. */
  JavaRDD<RowBlock> blocks() {
    return rows.blocks();
  }

  /**
   * Scores the rows of some workers: the loss, then each metric. Call it on the task's thread.
   *
   * @param device of the model
   * @param step the step that starts with the model's weights
   * @param epoch the one before
   */
  Map<Integer, List<Score>> score(
      Module model, Device device, int[] workers, long step, long epoch, TaskContext task) {
    Map<Integer, List<Score>> scores = new LinkedHashMap<>();
    try (var quiet = Grad.noGrad()) {
      for (int worker : workers) {
        try (var random = Generator.use(Generator.of(seed, worker, step))) {
          scores.put(worker, score(model, device, worker, epoch, task));
        }
      }
    }
    return scores;
  }

  /* In batches of a fixed size, summed in order: the same bits wherever the worker is. */
  private List<Score> score(Module model, Device device, int worker, long epoch, TaskContext task) {
    Score[] sums = new Score[1 + metrics.size()];
    Arrays.fill(sums, Score.NONE);
    BatchCursor cursor = rows.open(worker, task);
    long left = rows.steps(batchSize).rowsOf(worker);
    while (left > 0) {
      RowBlock batch = cursor.next((int) Math.min(left, batchSize));
      left -= batch.rows();
      try (var memory = TensorScope.open()) {
        add(model, Batches.Loaded.of(rows, batch, device), sums);
        memory.keep(model.tensors());
      } catch (Exception e) {
        throw new PlacedException(
            "validation set after epoch %d, worker %d (%d rows from row %d on)"
                .formatted(epoch, worker, batch.rows(), batch.row(0)),
            e,
            batchSize);
      }
    }
    return List.of(sums);
  }

  private void add(Module model, Batches.Loaded batch, Score[] sums) {
    Tensors outputs = model.forward(batch.inputs());
    Loss.Value value = loss.of(outputs, batch.content());
    double sum = value.sum().item();
    double denominator = value.denominator();
    NotFinite.check(sum, denominator);
    sums[0] = sums[0].plus(new Score(sum, denominator));
    int i = 1;
    for (Metric metric : metrics.values()) {
      Batch rows = batch.content();
      Metric.Value measured = metric.of(outputs.first(), rows.target(), rows.weights());
      sums[i] = sums[i].plus(new Score(measured.numbers(), measured.ofRows()));
      i++;
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
