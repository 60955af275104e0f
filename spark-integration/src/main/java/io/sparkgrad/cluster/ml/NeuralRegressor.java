package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * Learns a number by a network, as MLlib's regressors do; see {@link NeuralClassifier}. The label
 * is learned as it is: bring one of thousands to about 1 first.
 */
public final class NeuralRegressor extends NeuralEstimator<NeuralRegressionModel, NeuralRegressor> {
  private static final long serialVersionUID = 1L;
  private static final String SQUARED = "squaredError";
  private static final String HUBER = "huber";

  public NeuralRegressor() {
    this(Identifiable$.MODULE$.randomUID("neuralRegressor"));
  }

  public NeuralRegressor(String uid) {
    super(uid);
    setDefault(loss(), SQUARED);
  }

  public Param<String> loss() {
    Function1<String, Object> valid = ParamValidators.inArray(List.of(SQUARED, HUBER));
    return new Param<>(
        this,
        "loss",
        "The loss function to be optimized. Supported options: squaredError, huber (of delta 1)",
        valid);
  }

  public String getLoss() {
    return getOrDefault(loss());
  }

  public NeuralRegressor setLoss(String value) {
    set(loss(), value);
    return this;
  }

  @Override
  int outputs(Dataset<Row> train) {
    return 1;
  }

  @Override
  Column label(Column label) {
    return label.cast(DataTypes.DoubleType);
  }

  @Override
  Loss loss(int outputs) {
    return getLoss().equals(HUBER) ? Losses::huber : Losses::mse;
  }

  @Override
  NeuralRegressionModel model(SizedNetwork network, TrainingResult result) {
    return new NeuralRegressionModel(uid(), network, result.trained(), result);
  }

  @Override
  StructType withPredictions(StructType schema) {
    return Columns.append(schema, Columns.number(getPredictionCol()));
  }

  /** Reads what {@code save} has written. */
  public static MLReader<NeuralRegressor> read() {
    return new EstimatorReader<>(NeuralRegressor.class, NeuralRegressor::new);
  }

  /** Reads what {@code save} has written. */
  public static NeuralRegressor load(String path) {
    return read().load(path);
  }
}
