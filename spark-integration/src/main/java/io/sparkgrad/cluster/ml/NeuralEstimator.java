package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.Ids;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.ingest.FeatureMoments;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.nn.Loss;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * Trains a network by {@link SparkTrainer}: what the classifier and the regressor share.
 *
 * @param <M> its models
 * @param <S> its own class
 */
public abstract class NeuralEstimator<M extends NeuralModel<M>, S extends NeuralEstimator<M, S>>
    extends Estimator<M> implements PredictionParams<S>, TrainingParams<S>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private M initialModel; // null: the network's own first weights

  NeuralEstimator(String uid) {
    this.uid = uid;
    Defaults.ofPrediction(this);
    setDefault(network(), Networks.mlp(64, 32));
    setDefault(maxIter(), (Object) 10);
    setDefault(stepSize(), (Object) 1e-3);
    setDefault(solver(), "adamW");
    setDefault(regParam(), (Object) 0.0);
    setDefault(seed(), (Object) (long) getClass().getName().hashCode()); // as MLlib
    setDefault(blockSize(), (Object) 128);
    setDefault(standardization(), (Object) true);
    setDefault(numWorkers(), (Object) 0);
    setDefault(numEarlyStoppingRounds(), (Object) 0);
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * Starts from the weights, categories and scale of a model that was trained before, of the same
   * network; null: from first weights. Not saved with the estimator.
   */
  @SuppressWarnings("unchecked")
  public S setInitialModel(M model) {
    this.initialModel = model;
    return (S) this;
  }

  /** How many numbers the network is to give a row. */
  abstract int outputs(Dataset<Row> train);

  /** The label as the loss takes it. */
  abstract Column label(Column label);

  abstract Loss loss(int outputs);

  abstract M model(SizedNetwork network, TrainingResult result);

  /**
   * Trains, and blocks until it is done.
   *
   * @throws IllegalArgumentException if Params, data and network do not fit each other
   * @throws io.sparkgrad.cluster.TrainingException as {@link SparkTrainer#fit}
   */
  @Override
  public M fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    Dataset<Row> train = where(dataset.toDF(), false);
    List<Ids> ids = new ArrayList<>();
    for (String column : Columns.categorical(this)) ids.add(ids(train, column));
    List<String> features = Columns.numbers(this);
    SizedNetwork network = sized(train, features, ids);
    SparkTrainer trainer = SparkTrainer.of(network);
    if (!features.isEmpty()) trainer.features(features.toArray(new String[0]));
    for (int i = 0; i < ids.size(); i++)
      trainer.input(network.sizes().columns().get(i), ids.get(i));
    trainer
        .label(getLabelCol())
        .loss(loss(network.sizes().outputs()))
        .optimizer(Solver.named(getSolver()).of(getStepSize(), getRegParam()))
        .batchSize(getBlockSize())
        .epochs(getMaxIter())
        .seed(getSeed())
        .handleInvalid(getHandleInvalid());
    if (isGiven(weightCol())) trainer.weight(getWeightCol());
    if (getNumWorkers() > 0) trainer.workers(getNumWorkers());
    if (initialModel != null) trainer.warmStart(initialModel.trained());
    if (isGiven(validationIndicatorCol())) trainer.validate(withLabel(where(dataset.toDF(), true)));
    if (getNumEarlyStoppingRounds() > 0) trainer.earlyStopping(getNumEarlyStoppingRounds());
    M model =
        model(new SizedNetwork(network.network(), network.sizes()), trainer.fit(withLabel(train)));
    return copyValues(model, new ParamMap()).setParent(this);
  }

  private Dataset<Row> withLabel(Dataset<Row> data) {
    Column label = label(Columns.named(getLabelCol()));
    Metadata metadata = data.schema().apply(getLabelCol()).metadata();
    return data.withColumn(getLabelCol(), label.as(getLabelCol(), metadata));
  }

  /** The rows to measure on, or the others. */
  private Dataset<Row> where(Dataset<Row> data, boolean toMeasureOn) {
    if (!isGiven(validationIndicatorCol())) return data;
    Column chosen =
        functions.coalesce(
            Columns.named(getValidationIndicatorCol()).cast(DataTypes.BooleanType),
            functions.lit(false));
    return data.where(toMeasureOn ? chosen : functions.not(chosen));
  }

  private Ids ids(Dataset<Row> train, String column) {
    Ids ids = Ids.of(column);
    return initialModel == null
        ? ids.vocabulary(train).idForUnseen()
        : ids.vocabulary(initialModel.trained());
  }

  private SizedNetwork sized(Dataset<Row> train, List<String> features, List<Ids> ids) {
    FeatureMoments scale = scale(train, features);
    Sizes sizes =
        new Sizes(
            scale == null ? 0 : scale.mean().length,
            ids.stream().map(Ids::size).toList(),
            Columns.categorical(this),
            initialModel == null ? outputs(train) : initialModel.sizes().outputs());
    boolean standardized = scale != null && getStandardization();
    return standardized
        ? new SizedNetwork(getNetwork(), sizes, scale.mean(), scale.deviation())
        : new SizedNetwork(getNetwork(), sizes);
  }

  private FeatureMoments scale(Dataset<Row> train, List<String> features) {
    if (features.isEmpty()) return null;
    FeatureMoments scale = FeatureMoments.of(train, features, Invalid.of(getHandleInvalid()));
    if (scale.count() == 0)
      throw new IllegalArgumentException(
          "there are no rows to train on: the data is empty, or handleInvalid and validationIndicatorCol leave none");
    return scale;
  }

  /** Whether the Param of an optional column names one. */
  final boolean isGiven(Param<String> column) {
    return isDefined(column) && !getOrDefault(column).isEmpty();
  }

  /** Checks the columns that are read, and adds those that models add. */
  @Override
  public StructType transformSchema(StructType schema) {
    Columns.check(
        schema,
        new Inputs(Columns.inputs(this)).weightedBy(isGiven(weightCol()) ? getWeightCol() : null),
        List.of(getLabelCol()));
    if (isGiven(validationIndicatorCol())) schema.fieldIndex(getValidationIndicatorCol());
    else if (getNumEarlyStoppingRounds() > 0)
      throw new IllegalArgumentException(
          "numEarlyStoppingRounds goes by the validation loss: set validationIndicatorCol, or 0");
    return withPredictions(schema);
  }

  abstract StructType withPredictions(StructType schema);

  @Override
  @SuppressWarnings("unchecked")
  public S copy(ParamMap extra) {
    S copy = (S) defaultCopy(extra);
    return copy.setInitialModel(initialModel);
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }
}
