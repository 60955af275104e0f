package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** What {@link NeuralClassifier} has learned: adds MLlib's columns of classes. */
public final class NeuralClassificationModel extends NeuralModel<NeuralClassificationModel>
    implements ClassificationParams<NeuralClassificationModel> {
  private static final long serialVersionUID = 1L;

  NeuralClassificationModel(
      String uid, SizedNetwork network, TrainedModel trained, TrainingResult summary) {
    super(uid, network, trained, summary);
    Defaults.ofClassification(this);
  }

  /** Count of classes: 2 where the network gives one number, the log-odds of class 1. */
  public int numClasses() {
    return Math.max(2, sizes().outputs());
  }

  /**
   * Adds rawPrediction (vector, the scores of the classes), probability (vector) and prediction
   * (double) as {@link TrainedModel#classify} does; those of an empty name are left out.
   *
   * @throws IllegalArgumentException as {@link TrainedModel#predict}
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    Dataset<Row> data = dataset.toDF();
    String[] names = {getPredictionCol(), getProbabilityCol(), getRawPredictionCol()};
    List<String> unwanted = new ArrayList<>();
    for (int i = 0; i < names.length; i++)
      if (names[i].isEmpty()) unwanted.add(names[i] = uid() + "_" + i);
    return current()
        .classify(data, names[0], names[1], names[2], isSet(thresholds()) ? getThresholds() : null)
        .drop(unwanted.toArray(new String[0]));
  }

  @Override
  StructType withPredictions(StructType schema) {
    if (isSet(thresholds()) && getThresholds().length != numClasses())
      throw new IllegalArgumentException(
          "%s.transform() called with non-matching numClasses and thresholds.length. numClasses=%d, but thresholds has length %d"
              .formatted(getClass().getSimpleName(), numClasses(), getThresholds().length));
    return NeuralClassifier.withPredictions(this, getPredictionCol(), schema);
  }

  @Override
  NeuralClassificationModel same(
      SizedNetwork network, TrainedModel trained, TrainingResult summary) {
    return new NeuralClassificationModel(uid(), network, trained, summary);
  }

  /** Reads what {@code save} has written. */
  public static MLReader<NeuralClassificationModel> read() {
    return new ModelReader<>(NeuralClassificationModel.class, NeuralClassificationModel::new);
  }

  /** Reads what {@code save} has written. */
  public static NeuralClassificationModel load(String path) {
    return read().load(path);
  }
}
