package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Learns classes, 0 to numClasses - 1, by a network, as MLlib's classifiers do.
 *
 * <pre>{@code
 * NeuralClassifier classifier = new NeuralClassifier()
 *     .setFeaturesCols("age", "hours").setCategoricalCols("workclass", "country")
 *     .setLabelCol("rich")
 *     .setNetwork(Networks.wideAndDeep(64, 32))
 *     .setMaxIter(5);
 * PipelineModel model = new Pipeline().setStages(new PipelineStage[] {indexer, classifier}).fit(train);
 * }</pre>
 */
public final class NeuralClassifier
    extends NeuralEstimator<NeuralClassificationModel, NeuralClassifier>
    implements ClassificationParams<NeuralClassifier> {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CLASSES = 10_000;

  public NeuralClassifier() {
    this(Identifiable$.MODULE$.randomUID("neuralClassifier"));
  }

  public NeuralClassifier(String uid) {
    super(uid);
    Defaults.ofClassification(this);
  }

  /** Scores of the classes; of two the log-odds of class 1. */
  @Override
  int outputs(Dataset<Row> train) {
    int named = FeatureColumns.classNames(train, getLabelCol()).size();
    int classes = named > 0 ? named : 1 + largest(train);
    return classes <= 2 ? 1 : classes;
  }

  private int largest(Dataset<Row> train) {
    Column label = Columns.named(getLabelCol()).cast(DataTypes.DoubleType);
    Column broken =
        functions.not(functions.isnan(label)).and(label.notEqual(functions.floor(label)));
    Row found =
        train
            .agg(
                functions.min(label),
                functions.max(functions.when(functions.not(functions.isnan(label)), label)),
                functions.max(functions.when(broken, label)))
            .head();
    if (found.isNullAt(1))
      throw new IllegalArgumentException(
          "label column '%s' has no value in the rows to train on".formatted(getLabelCol()));
    for (int i = 0; i < found.size(); i++) {
      double wrong = found.isNullAt(i) ? 0 : found.getDouble(i);
      if (wrong < 0 || wrong > MOST_CLASSES || wrong != Math.rint(wrong) && !Double.isNaN(wrong))
        throw new IllegalArgumentException(
            "Classifier was given dataset with invalid label %s. Labels must be integers in range [0, numClasses): use StringIndexer to number them"
                .formatted(wrong));
    }
    return (int) found.getDouble(1);
  }

  /* What is no class is null, a row that cannot be read. */
  @Override
  Column label(Column label) {
    Column number = label.cast(DataTypes.DoubleType);
    Column whole = functions.floor(number);
    return functions.when(number.equalTo(whole), whole);
  }

  @Override
  Loss loss(int outputs) {
    return outputs == 1 ? Losses::bceWithLogits : Losses::crossEntropy;
  }

  @Override
  NeuralClassificationModel model(SizedNetwork network, TrainingResult result) {
    return new NeuralClassificationModel(uid(), network, result.trained(), result);
  }

  @Override
  StructType withPredictions(StructType schema) {
    return withPredictions(this, getPredictionCol(), schema);
  }

  static StructType withPredictions(
      ClassificationParams<?> stage, String prediction, StructType schema) {
    StructType raw = Columns.append(schema, Columns.vector(stage.getRawPredictionCol()));
    StructType probability = Columns.append(raw, Columns.vector(stage.getProbabilityCol()));
    return Columns.append(probability, Columns.number(prediction));
  }

  /** Reads what {@code save} has written. */
  public static MLReader<NeuralClassifier> read() {
    return new EstimatorReader<>(NeuralClassifier.class, NeuralClassifier::new);
  }

  /** Reads what {@code save} has written. */
  public static NeuralClassifier load(String path) {
    return read().load(path);
  }
}
