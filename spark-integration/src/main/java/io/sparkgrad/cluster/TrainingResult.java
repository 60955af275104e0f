package io.sparkgrad.cluster;

import io.sparkgrad.cluster.fitting.Epoch;
import io.sparkgrad.cluster.fitting.FitResult;
import io.sparkgrad.cluster.fitting.History;
import io.sparkgrad.cluster.fitting.Processor;
import io.sparkgrad.cluster.fitting.StepTimes;
import io.sparkgrad.cluster.notebook.ConfusionMatrix;
import io.sparkgrad.cluster.ps.Recovery;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.cluster.ps.WireBytes;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.Module;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The trained model and the figures of a fit. The model is the caller's from now on. */
public final class TrainingResult implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TrainedModel trained;
  private final float[] weights;
  private final List<Double> losses;
  private final History history;
  private final int workers;
  private final long seed;
  private final long rows;
  private final long steps;
  private final double seconds;
  private final double readSeconds;
  private final long skippedRows;
  private final WireBytes wire;
  private final List<StepTimes> times;
  private final List<Recovery> recoveries;
  private final List<Processor> processors;

  TrainingResult(FitResult fit) {
    this.trained = fit.trained();
    this.weights = fit.weights();
    this.losses = fit.history().losses();
    this.history = fit.history();
    this.workers = fit.workers();
    this.seed = fit.seed();
    this.rows = fit.history().rows();
    this.steps = fit.history().steps();
    this.seconds = fit.seconds();
    this.readSeconds = fit.readSeconds();
    this.skippedRows = fit.skippedRows();
    this.wire = fit.wire();
    this.recoveries = fit.recoveries();
    this.processors = fit.processors();
    this.times = fit.times();
  }

  /** The model with the trained weights, on the driver. */
  public Module model() {
    return trained.model();
  }

  /** The model with its feature columns: predicts, is saved and sent. */
  public TrainedModel trained() {
    return trained;
  }

  /** {@link TrainedModel#predict}: adds the model's outputs. */
  public Dataset<Row> predict(Dataset<Row> data) {
    return trained.predict(data);
  }

  /** {@link TrainedModel#predict(Dataset, String)}: adds them under a name of one's own. */
  public Dataset<Row> predict(Dataset<Row> data, String prediction) {
    return trained.predict(data, prediction);
  }

  /** {@link TrainedModel#predictAll}: adds a column for each of the model's outputs. */
  public Dataset<Row> predictAll(Dataset<Row> data, String... columns) {
    return trained.predictAll(data, columns);
  }

  /** {@link TrainedModel#classify}: adds classes and their probabilities. */
  public Dataset<Row> classify(Dataset<Row> data) {
    return trained.classify(data);
  }

  /** {@link TrainedModel#classify(Dataset, String, String, String)}: under names of one's own. */
  public Dataset<Row> classify(
      Dataset<Row> data, String prediction, String probability, String rawPrediction) {
    return trained.classify(data, prediction, probability, rawPrediction);
  }

  /** {@link TrainedModel#save}: a safetensors file, for {@link TrainedModel#load}. */
  public void save(String path) {
    trained.save(path);
  }

  /** {@link TrainedModel#plot}: the loss of each epoch as a PNG. */
  public void plot(String path) {
    trained.plot(path);
  }

  /** {@link TrainedModel#table}: losses and metrics, ready to print. */
  public String table() {
    return trained.table();
  }

  /** {@link TrainedModel#html}: the chart and the table, ready to print in Zeppelin. */
  public String html() {
    return trained.html();
  }

  /** {@link TrainedModel#svg}: losses and metrics as curves. */
  public String svg() {
    return trained.svg();
  }

  /** {@link TrainedModel#confusionMatrix}: which class was taken for which, how often. */
  public ConfusionMatrix confusionMatrix(Dataset<Row> data) {
    return trained.confusionMatrix(data);
  }

  /** The epochs, the first one first. */
  public List<Epoch> history() {
    return history.epochs();
  }

  /** The loss of each epoch, the first one first; the last one may be cut short by maxMinutes. */
  public List<Double> losses() {
    return losses;
  }

  /** The validation loss after each epoch; empty without a validation set. */
  public List<Double> validationLosses() {
    return history.validationLosses();
  }

  /** The metrics after each epoch, by name, on the validation set. */
  public Map<String, List<Double>> metrics() {
    return history.metrics();
  }

  /**
   * The epoch, 1 for the first, with the lowest validation loss, or the best metric if early
   * stopping goes by one; 0 without a validation set. With early stopping the model has its
   * weights, else the last ones.
   */
  public int bestEpoch() {
    return history.bestEpoch();
  }

  /** Why the training ended: all epochs are done, early stopping or maxMinutes. */
  public StopReason stopReason() {
    return history.stopReason();
  }

  /** How the run went on each time after executors were lost, a task came or went, or a stop. */
  public List<Recovery> recoveries() {
    return recoveries;
  }

  /** The processors that computed gradients: the CPU or the GPUs of each executor, each once. */
  public List<Processor> processors() {
    return processors;
  }

  /**
   * Why the same fit may give other bits next time: gradients came from unlike processors, and
   * which worker was whose is chance. Empty if the bits depend on the settings alone.
   */
  public String nondeterminism() {
    Set<String> kinds =
        processors.stream().map(Processor::name).collect(Collectors.toCollection(TreeSet::new));
    return kinds.size() < 2 ? "" : "unlike processors computed: " + String.join(", ", kinds);
  }

  /**
   * K; the same K, row order, seed and kind of processor give the same bits: {@code .workers(K)}
   * pins it.
   */
  public int workers() {
    return workers;
  }

  public long seed() {
    return seed;
  }

  public long steps() {
    return steps;
  }

  /** Seconds of the training job, without reading the data. */
  public double seconds() {
    return seconds;
  }

  /** Seconds that reading the rows into the executors took, before the training job. */
  public double readSeconds() {
    return readSeconds;
  }

  /**
   * Rows of the training set that could not be read and were left out, as {@link
   * SparkTrainer#handleInvalid} allows.
   */
  public long skippedRows() {
    return skippedRows;
  }

  public double rowsPerSecond() {
    return rows / seconds;
  }

  /** Bytes of gradients and weights on the network, all executors together; 0 within one JVM. */
  public long wireBytes() {
    return wire.sent();
  }

  /**
   * Bytes that the run needed at least: per step, (partial sums + executors) times the model that
   * lies elsewhere.
   */
  public long optimalWireBytes() {
    return wire.optimum();
  }

  /**
   * Bytes sent besides, to keep second copies where the answers to pushes do not: of tables, and
   * with executors that compute nothing.
   */
  public long backupWireBytes() {
    return wire.backups();
  }

  /**
   * Bytes sent besides where the optimizer goes by norms of gradients or weights ({@code clipNorm},
   * LAMB): sums that the executors exchange in every step.
   */
  public long normWireBytes() {
    return wire.norms();
  }

  /**
   * Milliseconds of a step that a task computes: the median of its last steps, of the slowest task.
   */
  public double medianComputeMillis() {
    return times.stream().mapToDouble(StepTimes::medianComputeMillis).max().orElse(Double.NaN);
  }

  /**
   * Milliseconds of a step beyond computing, waits for other tasks included: median, of the slowest
   * task.
   */
  public double medianSyncMillis() {
    return times.stream().mapToDouble(StepTimes::medianSyncMillis).max().orElse(Double.NaN);
  }

  /**
   * Seconds of the tasks' time by what they did, summed over the tasks.
   *
   * @param compute gradients
   * @param push adding them up and sending the sums
   * @param waiting for the new weights: the network, the optimizer and slower tasks
   */
  public record TimeSplit(double compute, double push, double waiting) {}

  public TimeSplit timeSplit() {
    return new TimeSplit(
        seconds(StepTimes.Part.COMPUTE),
        seconds(StepTimes.Part.PUSH),
        seconds(StepTimes.Part.WAIT));
  }

  private double seconds(StepTimes.Part part) {
    return times.stream().mapToDouble(t -> t.seconds(part)).sum();
  }

  /** The digest of all trained weights as little-endian float32, to compare runs bit by bit. */
  public String weightsSha256() {
    ByteBuffer bytes =
        ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(weights);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "TrainingResult(loss %.4f after %d epochs, %d workers, seed %d, %.1f s, %.0f rows/s)",
        losses.get(losses.size() - 1),
        losses.size(),
        workers,
        seed,
        seconds,
        rowsPerSecond());
  }
}
