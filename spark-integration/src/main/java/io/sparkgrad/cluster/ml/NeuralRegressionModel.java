package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.util.List;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What {@link NeuralRegressor} has learned: adds the column of predictions. */
public final class NeuralRegressionModel extends NeuralModel<NeuralRegressionModel> {
  private static final long serialVersionUID = 1L;

  NeuralRegressionModel(
      String uid, SizedNetwork network, TrainedModel trained, TrainingResult summary) {
    super(uid, network, trained, summary);
  }

  /**
   * Adds prediction (double) as {@link TrainedModel#predict} does; nothing if its name is empty.
   *
   * @throws IllegalArgumentException as {@link TrainedModel#predict}
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    Dataset<Row> data = dataset.toDF();
    return getPredictionCol().isEmpty() ? data : current().predict(data, getPredictionCol());
  }

  @Override
  public double predict(Object... cells) {
    return trained().predictRow(cells)[0];
  }

  /** Registers a function of SQL that gives the prediction, a double. */
  @Override
  public void registerFunction(SparkSession spark, String name) {
    TrainedModel model = trained();
    List<String> columns = Columns.all(this);
    UDF1<Object, Double> function = row -> model.predictRow(cells(columns, row))[0];
    spark.udf().register(name, function, DataTypes.DoubleType);
  }

  @Override
  StructType withPredictions(StructType schema) {
    return Columns.append(schema, Columns.number(getPredictionCol()));
  }

  @Override
  NeuralRegressionModel same(SizedNetwork network, TrainedModel trained, TrainingResult summary) {
    return new NeuralRegressionModel(uid(), network, trained, summary);
  }

  /** Reads what {@code save} has written. */
  public static MLReader<NeuralRegressionModel> read() {
    return new ModelReader<>(NeuralRegressionModel.class, NeuralRegressionModel::new);
  }

  /** Reads what {@code save} has written. */
  public static NeuralRegressionModel load(String path) {
    return read().load(path);
  }
}
