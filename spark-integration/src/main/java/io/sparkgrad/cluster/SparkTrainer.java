package io.sparkgrad.cluster;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.Use;
import io.sparkgrad.cluster.closure.Closures;
import io.sparkgrad.cluster.fitting.Epoch;
import io.sparkgrad.cluster.fitting.Fit;
import io.sparkgrad.cluster.fitting.FitSettings;
import io.sparkgrad.cluster.fitting.OutputLoss;
import io.sparkgrad.cluster.fitting.Passes;
import io.sparkgrad.cluster.fitting.Stopping;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.cluster.ingest.Inputs.Input;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.RowSettings;
import io.sparkgrad.cluster.ingest.Split;
import io.sparkgrad.cluster.ps.RunFailedException;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.cluster.trained.TrainingFacts;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Optimizer;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Trains a model on a DataFrame, inside the executors that hold it. Holds settings only: each
 * {@link #fit} is a run of its own and leaves nothing behind. Not thread-safe; several fits may run
 * after each other.
 *
 * <pre>{@code
 * TrainingResult result = SparkTrainer.of(() -> new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)))
 *     .loss(Losses::crossEntropy)
 *     .optimizer(new SGD(0.1).momentum(0.9))
 *     .features("pixels").label("digit")
 *     .batchSize(64).epochs(40)
 *     .fit(train);
 * }</pre>
 */
public final class SparkTrainer implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final List<String> SERIES =
      List.of(TrainingFacts.LOSS, TrainingFacts.VALIDATION_LOSS);

  private final transient ModelSupplier model; // what is the user's stays here: see fit
  transient Loss loss;
  private transient BatchLoss batchLoss; // in its place
  transient Optimizer optimizer;
  private final LinkedHashMap<String, Input> inputs = new LinkedHashMap<>();
  private ArrayList<String> labels; // null: not set
  private Invalid invalid = Invalid.ERROR;
  private String weight; // null: every row counts one
  private String rowOrder;
  private int rowCopies = 1;
  private transient Supplier<Map<String, Tensor>> start; // null: the model's own first weights
  private int batchSize = 64;
  private int accumulate = 1;
  private int epochs = 1;
  int workers; // 0: by the slots
  private long seed;
  private boolean shuffle = true;
  private int patience; // 0: no early stopping
  private String goal; // the metric to stop by; null: the validation loss
  private boolean higherIsBetter;
  private double maxMinutes = Double.POSITIVE_INFINITY;
  private Use gpu; // null: the session's spark.sparkgrad.gpu
  private final transient LinkedHashMap<String, Metric> metrics = new LinkedHashMap<>();
  private transient Dataset<Row> validation; // null: none
  private transient LongFunction<Split> split; // by the seed; null: none
  transient LongSupplier nanoClock = System::nanoTime;
  private boolean printEpochs;
  private transient Consumer<Epoch> onEpoch = e -> {};

  private SparkTrainer(ModelSupplier model) {
    this.model = model;
  }

  public static SparkTrainer of(ModelSupplier model) {
    return new SparkTrainer(given("the model's supplier", model));
  }

  /** Sets the loss to minimize, say {@code Losses::crossEntropy}. */
  public SparkTrainer loss(Loss loss) {
    this.loss = given("the loss", loss);
    this.batchLoss = null;
    return this;
  }

  /**
   * Sets a loss that sees all outputs of the model and its inputs, in place of {@link #loss(Loss)}.
   */
  public SparkTrainer batchLoss(BatchLoss loss) {
    this.batchLoss = given("the loss", loss);
    this.loss = null;
    return this;
  }

  /** Sets the optimizer, which the shards run. */
  public SparkTrainer optimizer(Optimizer optimizer) {
    this.optimizer = given("the optimizer", optimizer);
    return this;
  }

  /**
   * Sets the feature columns: numbers, arrays of numbers or ML vectors, which become the model's
   * input {@code [rows, width]} side by side.
   */
  public SparkTrainer features(String... columns) {
    return input(Inputs.FEATURES, columns);
  }

  /**
   * Adds an input of a model that takes several by name, or replaces the one of this name: as
   * {@link #features}, float32 {@code [rows, width]}. The model is a {@link
   * io.sparkgrad.nn.NamedModule}.
   *
   * <pre>{@code
   * .input("dense", "distance", "hour")
   * .input("ids", Ids.of("origin", "dest", "carrier").hashed(1 << 12))
   * }</pre>
   */
  public SparkTrainer input(String name, String... columns) {
    for (String column : given("the array of feature columns", columns))
      given("a feature column", column);
    inputs.put(given("an input's name", name), Input.numbers(name, List.of(columns)));
    return this;
  }

  /** Adds an input of ids, int64, or replaces the one of this name. */
  public SparkTrainer input(String name, Ids ids) {
    inputs.put(given("an input's name", name), given("the ids", ids).named(name));
    return this;
  }

  /** Adds an input of images, float32, or replaces the one of this name. */
  public SparkTrainer input(String name, ImageColumn images) {
    inputs.put(given("an input's name", name), given("the images", images).named(name));
    return this;
  }

  /**
   * Sets the label: a column of one number a row gives the loss targets {@code [rows]}; a column of
   * arrays or ML vectors, or several columns side by side, {@code [rows, numbers]}. Whole numbers
   * reach it as int64, others as float32.
   *
   * <p>No column at all, {@code label()}, says that there is no label: the target is the model's
   * input then, as of an autoencoder, or, where that is no single matrix, what a {@link #batchLoss}
   * makes of the inputs.
   */
  public SparkTrainer label(String... columns) {
    for (String column : given("the array of label columns", columns))
      given("the label column", column);
    this.labels = new ArrayList<>(List.of(columns));
    return this;
  }

  /**
   * Sets what becomes of rows that cannot be read: a null, a NaN or an infinity, an array of
   * another length than the others, an id that a vocabulary does not have. The names are MLlib's:
   *
   * <ul>
   *   <li>{@code error}, the default: the first one ends the job; the text names it
   *   <li>{@code skip}: they are left out of training, validation and prediction; {@link
   *       TrainingResult#skippedRows} and the log count them. To know the length that most arrays
   *       have, the data is read once more
   *   <li>{@code keep}: as {@code skip}, but prediction gives such rows NaN
   * </ul>
   *
   * A saved model keeps the setting; {@link TrainedModel#handleInvalid} gives another one.
   */
  public SparkTrainer handleInvalid(String setting) {
    this.invalid = Invalid.of(given("the setting of handleInvalid", setting));
    return this;
  }

  /**
   * Sets a column of weights: a row counts as often in the loss, in training and validation, as its
   * weight says; 0 leaves it out. So it does in the metrics of {@link Metrics}. A {@link
   * #batchLoss} has them as {@code batch.weights()}.
   */
  public SparkTrainer weight(String column) {
    this.weight = given("the weight column", column);
    return this;
  }

  /**
   * Sorts the rows by a column first, so that their order, and every bit, is independent of how
   * Spark split the data.
   */
  public SparkTrainer rowOrder(String column) {
    this.rowOrder = column;
    return this;
  }

  /**
   * Starts from the parameters and buffers of a model that was trained before, frozen ones too,
   * instead of the first ones that the supplier makes. It must have the same names and shapes. The
   * optimizer starts anew.
   */
  public SparkTrainer warmStart(TrainingResult result) {
    given("the result to start from", result);
    return warmStart(result.trained());
  }

  /** As {@link #warmStart(TrainingResult)}. */
  public SparkTrainer warmStart(TrainedModel model) {
    given("the model to start from", model);
    return warmStart(model.model());
  }

  /**
   * As {@link #warmStart(TrainingResult)}, from what a module on the driver holds when fit is
   * called: weights of PyTorch's files, say, under other names, or with another last layer.
   */
  public SparkTrainer warmStart(Module module) {
    given("the module to start from", module);
    this.start = module::stateDict;
    return this;
  }

  /** As {@link #warmStart(TrainingResult)}, from a safetensors file, or one of torch.save. */
  public SparkTrainer warmStart(String path) {
    given("the path to start from", path);
    this.start = () -> read(path);
    return this;
  }

  private static Map<String, Tensor> read(String path) {
    try {
      return TrainedModel.state(path);
    } catch (UncheckedIOException e) {
      throw new UncheckedIOException("warm start: " + e.getMessage(), e.getCause());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("warm start: " + e.getMessage(), e);
    }
  }

  /**
   * Sets how many executors keep each row once it was read: 1, or 2; default 1. With two, rows of
   * an executor that is lost are not read again, and take twice the memory or disk.
   */
  public SparkTrainer rowCopies(int copies) {
    if (copies != 1 && copies != 2)
      throw new IllegalArgumentException("rowCopies must be 1 or 2, got " + copies);
    this.rowCopies = copies;
    return this;
  }

  /** Sets the rows of one step over all workers; default 64. */
  public SparkTrainer batchSize(int rows) {
    this.batchSize = positive("batchSize", rows);
    return this;
  }

  /**
   * Sets in how many pieces each worker computes its rows of a step, whose gradients are added:
   * only one piece's intermediate results are in memory at a time; default 1. The step is the same
   * but for rounding, and for batch norm, which sees a piece at a time.
   */
  public SparkTrainer accumulate(int pieces) {
    this.accumulate = positive("accumulate", pieces);
    return this;
  }

  /** Sets the count of passes over the data; default 1. */
  public SparkTrainer epochs(int epochs) {
    this.epochs = positive("epochs", epochs);
    return this;
  }

  /**
   * Sets K, the count of logical workers, which decides the bits of the result; executors and tasks
   * do not. Default: the smallest power of two that keeps all of Spark's slots busy.
   */
  public SparkTrainer workers(int workers) {
    this.workers = positive("workers", workers);
    return this;
  }

  /** Sets whether each epoch takes the rows in a new order, drawn from the seed; default true. */
  public SparkTrainer shuffle(boolean shuffle) {
    this.shuffle = shuffle;
    return this;
  }

  /** Sets the seed of the first weights and all else that is random; default 0. */
  public SparkTrainer seed(long seed) {
    this.seed = seed;
    return this;
  }

  /**
   * Sets rows to measure the model on, never trained on: after each epoch the loss and the {@link
   * #metric metrics} of all of them, with the weights at its end, in batches of {@link #batchSize}
   * rows. Their columns are those of the training set.
   */
  public SparkTrainer validate(Dataset<Row> data) {
    this.validation = given("the validation set", data);
    this.split = null;
    return this;
  }

  /**
   * As {@link #validate(Dataset)}, of the rows of the training set where a column is true, or a
   * number other than 0; the others are trained on. The source is read for each of the two.
   */
  public SparkTrainer validateWhere(String column) {
    given("the column of validation", column);
    this.split = seed -> new Split.ByColumn(column);
    this.validation = null;
    return this;
  }

  /**
   * As {@link #validateWhere}, of about such a share of the rows, between 0 and 1: drawn by the
   * {@link #seed} and what is read of a row, so the same ones on any partitioning, and equal rows
   * together.
   */
  public SparkTrainer validateShare(double share) {
    new Split.OfShare(share, seed); // checks it
    this.split = seed -> new Split.OfShare(share, seed);
    this.validation = null;
    return this;
  }

  /**
   * Adds a metric of the validation set, say {@code "accuracy", Metrics::accuracy}. Where it is not
   * defined it may be NaN, and is reported so; a loss that is NaN ends the run. It cannot be named
   * {@code loss} or {@code validation loss}.
   */
  public SparkTrainer metric(String name, Metric metric) {
    if (given("a metric's name", name).isBlank() || SERIES.contains(name))
      throw new IllegalArgumentException(
          "a metric cannot be named '%s': %s are names of the loss's own columns"
              .formatted(name, SERIES));
    metrics.put(name, given("metric '" + name + "'", metric));
    return this;
  }

  /**
   * Ends the training when the validation loss has not fallen below its lowest for so many epochs
   * in a row, as Keras' and PyTorch Lightning's early stopping do. The result has the weights of
   * the best epoch, not of the last, also when all epochs are done: Keras' restore_best_weights,
   * and what Lightning leaves to a checkpoint.
   */
  public SparkTrainer earlyStopping(int patience) {
    this.patience = positive("patience", patience);
    this.goal = null;
    return this;
  }

  /**
   * As {@link #earlyStopping(int)}, by a metric instead of the validation loss; {@link
   * TrainingResult#bestEpoch} is its best.
   *
   * @param higherIsBetter whether it is to rise, as an accuracy, or to fall, as an error
   */
  public SparkTrainer earlyStopping(int patience, String metric, boolean higherIsBetter) {
    this.patience = positive("patience", patience);
    this.goal = given("the metric to stop by", metric);
    this.higherIsBetter = higherIsBetter;
    return this;
  }

  /**
   * Ends the training at the next step after so many minutes, counted from its first step: reading
   * the data and waiting for slots are not in it. The epoch may be cut short; it is reported, and
   * validated, as it is then.
   */
  public SparkTrainer maxMinutes(double minutes) {
    if (!(minutes > 0))
      throw new IllegalArgumentException("maxMinutes must be above 0, got " + minutes);
    this.maxMinutes = minutes;
    return this;
  }

  /**
   * Sets where gradients are computed: {@code off} on the CPU, {@code auto} on the GPU that Spark
   * gave the task, or on the CPU without one, {@code require} on that GPU or not at all. Default:
   * what {@code spark.sparkgrad.gpu} says, {@code auto} if it says nothing. In local mode, where
   * Spark gives no GPUs, it is the first one, or the one that the property {@code
   * sparkgrad.gpu.device} numbers.
   */
  public SparkTrainer gpu(String setting) {
    this.gpu = Use.of("gpu", given("the setting of gpu", setting));
    return this;
  }

  /** Sets a listener that the thread that called fit calls after each epoch. */
  public SparkTrainer onEpoch(Consumer<Epoch> listener) {
    this.onEpoch = given("the listener of epochs", listener);
    return this;
  }

  /**
   * Prints losses and metrics after each epoch: in a cell of Zeppelin as a table that grows, and
   * can be switched to a chart, elsewhere as aligned text.
   */
  public SparkTrainer printEpochs() {
    this.printEpochs = true;
    return this;
  }

  /**
   * Trains, and blocks until it is done. It ends within a second, without a result, when Spark is
   * told to cancel its jobs, as notebooks do for a cell, or when the thread is interrupted.
   *
   * @throws IllegalArgumentException if the settings, the data and the model do not fit each other;
   *     the text says what
   * @throws IllegalStateException if Spark is set to a protection of its channels that is not
   *     supported yet
   * @throws TrainingException if the run failed, the rows cannot be read or the thread was
   *     interrupted, which stays set; the text names the first cause, an exception of the user's
   *     own is the cause
   * @throws java.io.UncheckedIOException in place of it within a streaming query that is stopped:
   *     Spark takes that for the stop
   */
  public TrainingResult fit(Dataset<Row> train) {
    return result(newFit(train));
  }

  /**
   * Trains on a thread of its own and returns a handle at once: to look at the progress, to stop
   * early, to wait. As {@link #fit}, but that the listeners are called by that thread.
   *
   * @throws IllegalArgumentException if a setting is missing; all else {@link TrainingRun#await}
   *     throws
   */
  public TrainingRun start(Dataset<Row> train) {
    return TrainingRun.start(newFit(train));
  }

  static TrainingResult result(Fit fit) {
    try {
      return new TrainingResult(fit.run());
    } catch (RunFailedException e) {
      throw new TrainingException(e);
    }
  }

  private Fit newFit(Dataset<Row> train) {
    given("the training set", train);
    require("loss", loss == null ? batchLoss : loss, ".loss(Losses::crossEntropy)");
    require("optimizer", optimizer, ".optimizer(new SGD(0.1).momentum(0.9))");
    require("feature columns", inputs.isEmpty() ? null : inputs, ".features(\"pixels\")");
    require("label column", labels, ".label(\"digit\"), or .label() if there is none");
    RowSettings rows =
        new RowSettings(
            new Inputs(List.copyOf(inputs.values())).weightedBy(weight),
            labels,
            rowOrder,
            invalid,
            rowCopies);
    Split by = split == null ? null : split.apply(seed);
    Closures closures = new Closures(train.sparkSession().sparkContext());
    FitSettings settings =
        new FitSettings(
            closures.model(model),
            loss == null ? closures.batchLoss(batchLoss) : new OutputLoss(closures.loss(loss)),
            closures.optimizer(optimizer),
            rows,
            start == null ? null : start.get(),
            new Passes(batchSize, accumulate, epochs, workers, seed, shuffle),
            new Stopping(patience, goal, higherIsBetter, maxMinutes, nanoClock),
            gpu,
            closures.metrics(metrics),
            by == null ? validation : by.part(train, rows, true),
            onEpoch,
            printEpochs);
    return new Fit(settings, by == null ? train : by.part(train, rows, false));
  }

  private static void require(String what, Object setting, String example) {
    if (setting == null) throw new IllegalArgumentException("no " + what + " set: add " + example);
  }

  private static <T> T given(String what, T value) {
    if (value == null) throw new IllegalArgumentException(what + " is null");
    return value;
  }

  private static int positive(String what, int value) {
    if (value < 1) throw new IllegalArgumentException(what + " must be at least 1, got " + value);
    return value;
  }

  /** The settings that were made. */
  @Override
  public String toString() {
    return "SparkTrainer(features %s, label %s, %s, batchSize %d, epochs %d, %s, seed %d)"
        .formatted(
            inputs.isEmpty() ? List.of() : new Inputs(List.copyOf(inputs.values())),
            labels == null ? null : String.join(", ", labels),
            optimizer == null ? "no optimizer" : optimizer,
            batchSize,
            epochs,
            workers == 0 ? "workers by the slots" : workers + " workers",
            seed);
  }
}
