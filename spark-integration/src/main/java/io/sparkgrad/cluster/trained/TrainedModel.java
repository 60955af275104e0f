package io.sparkgrad.cluster.trained;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.closure.Closures;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.notebook.ConfusionMatrix;
import io.sparkgrad.cluster.notebook.Display;
import io.sparkgrad.cluster.notebook.LossPlot;
import io.sparkgrad.files.SafeTensors;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A model and the columns that become its input: predicts, saves and loads.
 *
 * <pre>{@code
 * TrainedModel model = TrainedModel.load(() -> new Sequential(...), "model.safetensors");
 * model.classify(test).select("digit", "prediction", "probability").show();
 * }</pre>
 *
 * <p>Several threads may use it, as long as none changes {@link #model()} meanwhile.
 */
public final class TrainedModel implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ModelSupplier supplier;
  private final TrainingFacts facts;
  private Weights weights; // of a handle that was sent or has not made its module yet
  private transient Module module;

  private TrainedModel(ModelSupplier supplier, Module module, TrainingFacts facts) {
    this.supplier = supplier;
    this.module = module;
    this.facts = facts;
    this.weights = Weights.of(module);
  }

  /** Wraps a module, which it shares. */
  public static TrainedModel of(ModelSupplier supplier, Module module, TrainingFacts facts) {
    return new TrainedModel(supplier, module, facts);
  }

  /**
   * Loads a file that {@link #save} has written.
   *
   * @param supplier makes a model of the same structure; also in the tasks that predict
   * @param path as Spark's own paths: local, {@code hdfs://}, {@code s3a://}, ...
   * @throws java.io.UncheckedIOException if there is no such file, or a damaged one
   * @throws IllegalArgumentException if it does not fit the model; the text lists the differences
   */
  public static TrainedModel load(ModelSupplier supplier, String path) {
    SafeTensors file =
        WholeFile.read(
            path, (in, length) -> SafeTensors.read(new Path(path).getName(), in, length));
    TrainingFacts facts = TrainingFacts.of(path, file.metadata());
    ModelSupplier sent = Closures.here().model(supplier);
    Module module = make(sent);
    try {
      module.loadStateDict(file.tensors());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + " is of another model: " + e.getMessage(), e);
    }
    return new TrainedModel(sent, module, facts);
  }

  /**
   * Writes the weights and {@link #facts} as a safetensors file, whole or not at all; PyTorch reads
   * it by {@code safetensors.torch.load_file}.
   *
   * @param path as in {@link #load}
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void save(String path) {
    SafeTensors file = new SafeTensors(model().stateDict(), facts.toMetadata());
    WholeFile.write(path, file::writeTo);
  }

  /** The model, the same one at each call; changes to it show in predictions and files. */
  public synchronized Module model() {
    if (module == null) {
      module = make(supplier);
      weights.copyTo(module);
    }
    return module;
  }

  /** Columns, loss of each epoch, seed, K and versions of its training. */
  public TrainingFacts facts() {
    return facts;
  }

  /**
   * Draws the loss, and the validation loss if there is one, as a PNG of 900 x 540 pixels; the path
   * as in {@link #load}.
   */
  public void plot(String path) {
    Map<String, List<Double>> losses = facts.history();
    losses.keySet().retainAll(TrainingFacts.LOSSES); // other units
    byte[] png = new LossPlot(losses).png();
    WholeFile.write(path, out -> out.write(png));
  }

  /**
   * The losses and metrics of its training as a table, ready to print: in a cell of Zeppelin its
   * table, elsewhere aligned text.
   */
  public String table() {
    return Display.table(facts.history());
  }

  /** {@link #svg} and {@link #table} as HTML; in a cell of Zeppelin its display, ready to print. */
  public String html() {
    return Display.html(facts.history(), TrainingFacts.LOSSES);
  }

  /**
   * The losses and metrics as curves: SVG that takes the colours of the page it stands in, and in a
   * file of its own those, light or dark, that its reader prefers.
   */
  public String svg() {
    return Display.svg(facts.history(), TrainingFacts.LOSSES);
  }

  /**
   * Classifies and counts how often each class was taken for which, in one Spark job.
   *
   * @param data with the features and the label column of the training
   */
  public ConfusionMatrix confusionMatrix(Dataset<Row> data) {
    String label = facts.run().get("label");
    FeatureColumns.of(data, facts.features(), label);
    return ConfusionMatrix.of(classify(data), label, "prediction");
  }

  /**
   * Adds the column {@code prediction}: the model's output, a double if it is one number a row (so
   * that Spark's RegressionEvaluator takes it as it is), else an {@code array<float>} in row-major
   * order. Lazy as any transformation; runs in the executors on batches of rows, so filter first:
   * Spark does not see into it. The features are read as in training, all other columns are kept.
   *
   * @throws IllegalArgumentException if a feature column is missing or not numbers, or a column to
   *     be added is there already. A null, a NaN or a row of another width ends the job that
   *     computes the result, with the text that training would give
   */
  public Dataset<Row> predict(Dataset<Row> data) {
    return add(data, outputs() == 1 ? Output.NUMBER : Output.NUMBERS);
  }

  /**
   * Adds the columns of MLlib's classifiers, so that evaluators and pipelines take them: {@code
   * rawPrediction} (vector, the scores of the classes), {@code probability} (vector, their softmax)
   * and {@code prediction} (double, the class of the highest score; NaN if a score is). For models
   * trained with scores of classes, as {@code Losses::crossEntropy} takes them; one output a row is
   * the log-odds of class 1 against class 0. Otherwise as {@link #predict}.
   */
  public Dataset<Row> classify(Dataset<Row> data) {
    outputs();
    return add(data, Output.CLASSES);
  }

  private Dataset<Row> add(Dataset<Row> data, Output output) {
    boolean caseSensitive =
        Boolean.parseBoolean(data.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    StructType schema = output.addTo(data.schema(), caseSensitive);
    FeatureColumns columns = FeatureColumns.of(data, facts.features());
    Broadcast<Weights> shared =
        JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext())
            .broadcast(Weights.of(model()));
    return columns
        .append(data)
        .mapPartitions(
            new Predictor(supplier, shared, columns, facts.widths(), output), Encoders.row(schema));
  }

  /** Counts the outputs a row, by a forward pass on rows of zeros. */
  private int outputs() {
    int width = Arrays.stream(facts.widths()).sum();
    try (var quiet = Grad.noGrad()) {
      Tensor output = model().forward(Tensor.zeros(2, width));
      if (output.dim() == 0 || output.size(0) != 2 || output.numel() == 0)
        throw new IllegalArgumentException(
            "the model must keep rows apart: for 2 rows its output has shape "
                + Arrays.toString(output.shape()));
      return output.numel() / 2;
    }
  }

  /**
   * Makes a model whose first weights do not matter, without drawing from the thread's generator.
   */
  static Module make(ModelSupplier supplier) {
    try (var random = Generator.use(new Generator(0))) {
      return supplier.get();
    }
  }

  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    if (module != null) weights = Weights.of(module);
    out.defaultWriteObject();
  }

  @Override
  public String toString() {
    return "TrainedModel(" + facts + ")";
  }
}
