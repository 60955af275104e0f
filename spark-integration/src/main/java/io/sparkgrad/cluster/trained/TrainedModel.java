package io.sparkgrad.cluster.trained;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.closure.Closures;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.RowSettings;
import io.sparkgrad.cluster.notebook.ConfusionMatrix;
import io.sparkgrad.cluster.notebook.Display;
import io.sparkgrad.cluster.notebook.LossPlot;
import io.sparkgrad.files.SafeTensors;
import io.sparkgrad.files.TorchFile;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.random.Generator;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(TrainedModel.class);

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

  /** The classes that Spark's data serializer meets, for Kryo's registration. */
  public static List<Class<?>> serialized() {
    return List.of(Weights.class, DType.class, DType[].class, int[][].class);
  }

  /** Wraps a module, which it shares and puts into evaluation mode. */
  public static TrainedModel of(ModelSupplier supplier, Module module, TrainingFacts facts) {
    return new TrainedModel(supplier, module.eval(), facts);
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
   * Reads the tensors of a safetensors file, or of one of PyTorch's torch.save, by name, of any
   * origin.
   *
   * @param path as in {@link #load}
   * @throws java.io.UncheckedIOException if there is no such file, or a damaged one
   */
  public static Map<String, Tensor> state(String path) {
    String name = new Path(path).getName();
    return WholeFile.read(
        path,
        (stream, length) -> {
          InputStream in = new BufferedInputStream(stream);
          return TorchFile.isTorchFile(in)
              ? TorchFile.read(name, in).stateDict()
              : SafeTensors.read(name, in, length).tensors();
        });
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
    LOG.info("saved the model to {}", path);
  }

  /**
   * The model in evaluation mode, the same one at each call; changes to it show in predictions and
   * files.
   */
  public synchronized Module model() {
    if (module == null) {
      module = make(supplier);
      weights.copyTo(module);
    }
    return module;
  }

  /**
   * The same model with another setting for rows that cannot be read: {@code error}, {@code skip}
   * or {@code keep}; see {@code SparkTrainer.handleInvalid}.
   */
  public TrainedModel handleInvalid(String setting) {
    if (setting == null) throw new IllegalArgumentException("the setting of handleInvalid is null");
    return new TrainedModel(supplier, model(), facts.with(Invalid.of(setting)));
  }

  /**
   * The same model, reading other columns in place of its own.
   *
   * @param columns in the order of {@link TrainingFacts#features}
   * @throws IllegalArgumentException if there are more or fewer of them
   */
  public TrainedModel reading(List<String> columns) {
    return new TrainedModel(supplier, model(), facts.with(facts.inputs().reading(columns)));
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
    if (label == null)
      throw new IllegalArgumentException(
          "a confusion matrix needs one label column, and the training had %s"
              .formatted(facts.run().getOrDefault("labels", "none")));
    FeatureColumns.of(data, new RowSettings(facts.inputs(), List.of(label), facts.invalid()));
    return ConfusionMatrix.of(classify(data), label, "prediction");
  }

  /**
   * Adds the column {@code prediction}: the model's output, a double if it is one number a row (so
   * that Spark's RegressionEvaluator takes it as it is), else an {@code array<float>} in row-major
   * order. Runs in the executors on batches of rows. Filters and selections of the result reach the
   * plan of the data, so that Spark reads and predicts what is asked for alone. The features are
   * read as in training. All columns of the data are kept, with their metadata, and {@code
   * data.col("x")} is one of the result's; a stream's are new ones: {@code functions.col("x")}.
   *
   * @throws IllegalArgumentException if a feature column is missing or not numbers, or a column to
   *     be added is there already. A null, a NaN or a row of another width ends the job that
   *     computes the result, with the text that training would give, unless {@link #handleInvalid}
   *     says otherwise
   */
  public Dataset<Row> predict(Dataset<Row> data) {
    return predict(data, "prediction");
  }

  /** As {@link #predict(Dataset)}, with a name of one's own for the added column. */
  public Dataset<Row> predict(Dataset<Row> data, String prediction) {
    return add(data, Output.columns(firstOutput()), plain(1), prediction);
  }

  /**
   * As {@link #predict(Dataset)}, for a model of several outputs: a column each, in their order.
   *
   * @param columns names of the added columns; none: the names that the model gives its outputs
   */
  public Dataset<Row> predictAll(Dataset<Row> data, String... columns) {
    Map<String, Integer> outputs = outputs();
    String[] names = columns.length == 0 ? outputs.keySet().toArray(new String[0]) : columns;
    if (names.length != outputs.size())
      throw new IllegalArgumentException(
          "the model has the outputs %s, and %s are named: %s"
              .formatted(outputs.keySet(), names.length, List.of(names)));
    int[] widths = outputs.values().stream().mapToInt(n -> n).toArray();
    return add(data, Output.columns(widths), plain(names.length), names);
  }

  /**
   * Adds the columns of MLlib's classifiers, so that evaluators and pipelines take them: {@code
   * rawPrediction} (vector, the scores of the classes), {@code probability} (vector, their softmax)
   * and {@code prediction} (double, the class of the highest score; NaN if a score is). For models
   * trained with scores of classes, as {@code Losses::crossEntropy} takes them; one output a row is
   * the log-odds of class 1 against class 0. If StringIndexer made the label of the training,
   * {@code prediction} has its names, so that IndexToString gives them. Otherwise as {@link
   * #predict}.
   */
  public Dataset<Row> classify(Dataset<Row> data) {
    return classify(data, "prediction", "probability", "rawPrediction");
  }

  /** As {@link #classify(Dataset)}, with names of one's own for the added columns. */
  public Dataset<Row> classify(
      Dataset<Row> data, String prediction, String probability, String rawPrediction) {
    return classify(data, prediction, probability, rawPrediction, null);
  }

  /**
   * As {@link #classify(Dataset, String, String, String)}, where the class of the largest p / t is
   * predicted, p being its probability and t its threshold: MLlib's thresholds.
   *
   * @param thresholds of each class, at most one of them 0; null: the class of the highest score
   * @throws IllegalArgumentException if there are more or fewer thresholds than classes
   */
  public Dataset<Row> classify(
      Dataset<Row> data,
      String prediction,
      String probability,
      String rawPrediction,
      double[] thresholds) {
    int scores = firstOutput();
    return add(
        data,
        Output.classes(scores, thresholds),
        new Metadata[] {vector(scores), vector(scores), classNames(prediction)},
        rawPrediction,
        probability,
        prediction);
  }

  /**
   * What {@link #predict(Dataset)} gives a row, for programs without Spark's session: the numbers
   * of the model's first output.
   *
   * @param cells of each column that it reads, in the order of {@link TrainingFacts#features}:
   *     numbers, booleans, arrays, lists and ML vectors of numbers; strings and whole numbers for a
   *     vocabulary
   * @throws IllegalArgumentException for a cell that cannot be read; the text names the column
   */
  public double[] predictRow(Object... cells) {
    return RowPredictor.outputs(model(), facts, cells)[0];
  }

  /**
   * What {@link #classify(Dataset, String, String, String, double[])} gives a row, as {@link
   * #predictRow}: rawPrediction, probability (both vectors) and prediction (double).
   *
   * @param thresholds of each class; null: none
   */
  public Row classifyRow(double[] thresholds, Object... cells) {
    double[] scores = predictRow(cells);
    Object[] row = new Object[3];
    Output.classes(scores.length, thresholds).put(new double[][] {scores}, row, 0);
    return RowFactory.create(row);
  }

  /** The metadata of a vector of so many scores, as VectorAssembler leaves it. */
  private static Metadata vector(int scores) {
    long size = Math.max(2, scores); // one is the log-odds of two classes
    Metadata group = new MetadataBuilder().putLong("num_attrs", size).build();
    return new MetadataBuilder().putMetadata("ml_attr", group).build();
  }

  /** The metadata by which IndexToString turns classes into the label's names. */
  private Metadata classNames(String prediction) {
    if (facts.classes().isEmpty()) return Metadata.empty();
    Metadata names =
        new MetadataBuilder()
            .putString("type", "nominal")
            .putString("name", prediction)
            .putStringArray("vals", facts.classes().toArray(new String[0]))
            .build();
    return new MetadataBuilder().putMetadata("ml_attr", names).build();
  }

  private static Metadata[] plain(int columns) {
    Metadata[] metadata = new Metadata[columns];
    Arrays.fill(metadata, Metadata.empty());
    return metadata;
  }

  private Dataset<Row> add(Dataset<Row> data, Output output, Metadata[] metadata, String... names) {
    boolean caseSensitive =
        Boolean.parseBoolean(data.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    Output.checkNew(names, data.schema(), caseSensitive);
    FeatureColumns columns = FeatureColumns.of(data, facts.inputs());
    Broadcast<Weights> shared =
        JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext())
            .broadcast(Weights.of(model()));
    Predictions.Maker maker =
        new Predictions.Maker(supplier, shared, columns, facts.widths(), facts.invalid(), output);
    return Predictions.add(data, maker, names, metadata);
  }

  private int firstOutput() {
    return outputs().values().iterator().next();
  }

  /** Numbers a row of each output; of files that do not say it by a forward pass on zeros. */
  private Map<String, Integer> outputs() {
    if (!facts.outputs().isEmpty()) return facts.outputs();
    int width = Arrays.stream(facts.widths()).sum();
    Map<String, Integer> outputs = new LinkedHashMap<>();
    try (var quiet = Grad.noGrad()) {
      Tensors zeros = facts.inputs().tensors(new float[2 * width], 2, facts.widths(), Device.CPU);
      Tensors found = model().forward(zeros);
      for (String name : found.names()) {
        Tensor output = found.get(name);
        if (output.dim() == 0 || output.size(0) != 2 || output.numel() == 0)
          throw new IllegalArgumentException(
              "the model must keep rows apart: for 2 rows its output has shape "
                  + Arrays.toString(output.shape()));
        outputs.put(name, output.numel() / 2);
      }
    }
    return outputs;
  }

  /**
   * Makes a model whose first weights do not matter, without drawing from the thread's generator.
   */
  static Module make(ModelSupplier supplier) {
    try (var random = Generator.use(new Generator(0))) {
      return supplier.get().eval();
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
