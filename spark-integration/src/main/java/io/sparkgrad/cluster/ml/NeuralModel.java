package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A trained network as a stage of Spark ML: what the models of the classifier and the regressor
 * share.
 *
 * @param <M> its own class
 */
public abstract class NeuralModel<M extends NeuralModel<M>> extends Model<M>
    implements PredictionParams<M>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final SizedNetwork network;
  private final TrainedModel trained;
  private final transient TrainingResult summary; // null: it was loaded, or sent elsewhere

  NeuralModel(String uid, SizedNetwork network, TrainedModel trained, TrainingResult summary) {
    this.uid = uid;
    this.network = network;
    this.trained = trained;
    this.summary = summary;
    Defaults.ofPrediction(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The network with its weights and columns. */
  public TrainedModel trained() {
    return trained;
  }

  /** Count of numbers that the network reads in a row, its categorical columns aside. */
  public int numFeatures() {
    return network.sizes().features();
  }

  /** Whether it was fitted in this program, and not loaded or copied elsewhere. */
  public boolean hasSummary() {
    return summary != null;
  }

  /**
   * The figures of its fit.
   *
   * @throws IllegalStateException if there are none: {@link #hasSummary}
   */
  public TrainingResult summary() {
    if (summary == null)
      throw new IllegalStateException(
          "No training summary available for this %s: it was loaded; trained().facts() has its losses"
              .formatted(getClass().getSimpleName()));
    return summary;
  }

  Sizes sizes() {
    return network.sizes();
  }

  Network network() {
    return network.network();
  }

  /** The network as the Params have it now: reading their columns. */
  final TrainedModel current() {
    return trained.reading(Columns.all(this)).handleInvalid(getHandleInvalid());
  }

  /**
   * The class, or the number, that {@code transform} would predict for one row, without Spark's
   * session.
   *
   * @param cells of the feature columns and then the categorical ones, as {@link
   *     TrainedModel#predictRow} takes them: an ML vector, say, or {@code 39, 40.0, "private"}
   * @throws IllegalArgumentException for a cell that cannot be read; the text names the column
   */
  public abstract double predict(Object... cells);

  /**
   * As {@link #predict(Object...)}, of a row by the names of its columns; others in it are ignored.
   */
  public double predict(Map<String, ?> row) {
    return predict(cells(Columns.all(this), row::get));
  }

  /**
   * Registers a function of SQL. Its argument is the feature column, or, where the model reads
   * several, a struct of them by their names: {@code score(struct(age, workclass))}.
   */
  public abstract void registerFunction(SparkSession spark, String name);

  /** The cells of the argument of the function of SQL. */
  static Object[] cells(List<String> columns, Object argument) {
    return columns.size() == 1 && !(argument instanceof Row)
        ? new Object[] {argument}
        : cells(columns, (Function<String, Object>) ((Row) argument)::getAs);
  }

  private static Object[] cells(List<String> columns, Function<String, ?> row) {
    return columns.stream().map(row).toArray();
  }

  /** Checks the columns that are read, and adds those of the predictions. */
  @Override
  public StructType transformSchema(StructType schema) {
    Columns.check(schema, trained.facts().inputs().reading(Columns.all(this)), List.of());
    return withPredictions(schema);
  }

  abstract StructType withPredictions(StructType schema);

  /** The same network under another uid or none of the Params. */
  abstract M same(SizedNetwork network, TrainedModel trained, TrainingResult summary);

  @Override
  public M copy(ParamMap extra) {
    return copyValues(same(network, trained, summary), extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }
}
