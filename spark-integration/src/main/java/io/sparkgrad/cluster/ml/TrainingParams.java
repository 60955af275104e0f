package io.sparkgrad.cluster.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/**
 * The Params of estimators, by MLlib's names where it has them.
 *
 * @param <S> the class that has them
 */
public interface TrainingParams<S> extends Params {
  default NetworkParam network() {
    return new NetworkParam(
        this,
        "network",
        "the network to train: one of Networks, or a function of the sizes that the data gives");
  }

  default Param<String> weightCol() {
    return new Param<>(
        this,
        "weightCol",
        "weight column name. If this is not set or empty, we treat all instance weights as 1.0");
  }

  default Param<String> validationIndicatorCol() {
    return new Param<>(
        this,
        "validationIndicatorCol",
        "name of the column that indicates whether each row is for training or for validation. False indicates training; true indicates validation.");
  }

  default IntParam maxIter() {
    return new IntParam(
        this, "maxIter", "maximum number of iterations: passes over the data (> 0)", atLeast(1));
  }

  default DoubleParam stepSize() {
    return new DoubleParam(
        this,
        "stepSize",
        "Step size to be used for each iteration of optimization (> 0)",
        ParamValidators.gt(0));
  }

  default Param<String> solver() {
    Function1<String, Object> valid = ParamValidators.inArray(Solver.names());
    return new Param<>(
        this,
        "solver",
        "The solver algorithm for optimization. Supported options: %s"
            .formatted(String.join(", ", Solver.names())),
        valid);
  }

  default DoubleParam regParam() {
    return new DoubleParam(
        this, "regParam", "regularization parameter (>= 0): the solver's weight decay", atLeast(0));
  }

  default LongParam seed() {
    return new LongParam(this, "seed", "random seed");
  }

  default IntParam blockSize() {
    return new IntParam(this, "blockSize", "rows of one step, over all workers (> 0)", atLeast(1));
  }

  default BooleanParam standardization() {
    return new BooleanParam(
        this,
        "standardization",
        "whether to standardize the training features before fitting the model; the scale is a part of the model");
  }

  /** As XGBoost's. */
  default IntParam numWorkers() {
    return new IntParam(
        this,
        "numWorkers",
        "number of logical workers, which decides the bits of the result; 0: by the slots that Spark may give (>= 0)",
        atLeast(0));
  }

  /** As XGBoost's. */
  default IntParam numEarlyStoppingRounds() {
    return new IntParam(
        this,
        "numEarlyStoppingRounds",
        "number of iterations in a row without a lower validation loss after which training stops, and the best iteration's model is taken; 0: never. Needs validationIndicatorCol (>= 0)",
        atLeast(0));
  }

  private static Function1<Object, Object> atLeast(int least) {
    return ParamValidators.gtEq(least);
  }

  default Network getNetwork() {
    return getOrDefault(network());
  }

  default String getWeightCol() {
    return getOrDefault(weightCol());
  }

  default String getValidationIndicatorCol() {
    return getOrDefault(validationIndicatorCol());
  }

  default int getMaxIter() {
    return (Integer) getOrDefault(maxIter());
  }

  default double getStepSize() {
    return (Double) getOrDefault(stepSize());
  }

  default String getSolver() {
    return getOrDefault(solver());
  }

  default double getRegParam() {
    return (Double) getOrDefault(regParam());
  }

  default long getSeed() {
    return (Long) getOrDefault(seed());
  }

  default int getBlockSize() {
    return (Integer) getOrDefault(blockSize());
  }

  default boolean getStandardization() {
    return (Boolean) getOrDefault(standardization());
  }

  default int getNumWorkers() {
    return (Integer) getOrDefault(numWorkers());
  }

  default int getNumEarlyStoppingRounds() {
    return (Integer) getOrDefault(numEarlyStoppingRounds());
  }

  default S setNetwork(Network value) {
    return self(set(network(), value));
  }

  default S setWeightCol(String value) {
    return self(set(weightCol(), value));
  }

  default S setValidationIndicatorCol(String value) {
    return self(set(validationIndicatorCol(), value));
  }

  default S setMaxIter(int value) {
    return self(set(maxIter(), (Object) value));
  }

  default S setStepSize(double value) {
    return self(set(stepSize(), (Object) value));
  }

  default S setSolver(String value) {
    return self(set(solver(), value));
  }

  default S setRegParam(double value) {
    return self(set(regParam(), (Object) value));
  }

  default S setSeed(long value) {
    return self(set(seed(), (Object) value));
  }

  default S setBlockSize(int value) {
    return self(set(blockSize(), (Object) value));
  }

  default S setStandardization(boolean value) {
    return self(set(standardization(), (Object) value));
  }

  default S setNumWorkers(int value) {
    return self(set(numWorkers(), (Object) value));
  }

  default S setNumEarlyStoppingRounds(int value) {
    return self(set(numEarlyStoppingRounds(), (Object) value));
  }

  @SuppressWarnings("unchecked")
  private S self(Params set) {
    return (S) set;
  }
}
