package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What {@link NeuralClassifier} has learned: adds MLlib's columns of classes. */
public final class NeuralClassificationModel extends NeuralModel<NeuralClassificationModel>
    implements ClassificationParams<NeuralClassificationModel> {
  private static final long serialVersionUID = 1L;
  private static final StructType CLASSIFIED =
      new StructType()
          .add("prediction", DataTypes.DoubleType, false)
          .add("probability", DataTypes.createArrayType(DataTypes.DoubleType, false), false);

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
        .classify(data, names[0], names[1], names[2], givenThresholds())
        .drop(unwanted.toArray(new String[0]));
  }

  private double[] givenThresholds() {
    return isSet(thresholds()) ? getThresholds() : null;
  }

  @Override
  public double predict(Object... cells) {
    return trained().classifyRow(givenThresholds(), cells).getDouble(2);
  }

  /** As {@link #predict(Object...)}: the scores of the classes. */
  public Vector predictRaw(Object... cells) {
    return trained().classifyRow(null, cells).getAs(0);
  }

  /** As {@link #predict(Object...)}: the probabilities of the classes. */
  public Vector predictProbability(Object... cells) {
    return trained().classifyRow(null, cells).getAs(1);
  }

  /**
   * Registers a function of SQL that gives a struct of {@code prediction}, a double, and {@code
   * probability}, an array of doubles: {@code score(features).probability[1]}.
   */
  @Override
  public void registerFunction(SparkSession spark, String name) {
    TrainedModel model = trained();
    List<String> columns = Columns.all(this);
    double[] thresholds = givenThresholds();
    UDF1<Object, Row> function =
        row -> {
          Row found = model.classifyRow(thresholds, cells(columns, row));
          return RowFactory.create(found.get(2), ((Vector) found.get(1)).toArray());
        };
    spark.udf().register(name, function, CLASSIFIED);
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
