package io.sparkgrad.cluster.ml;

import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.Function1;

/**
 * The Params of columns that estimators and models have, by MLlib's names.
 *
 * @param <S> the class that has them
 */
public interface PredictionParams<S> extends Params {
  /** The column of an ML vector, an array of numbers, or one number a row. */
  default Param<String> featuresCol() {
    return new Param<>(this, "featuresCol", "features column name");
  }

  /** Columns of numbers, arrays or vectors, side by side, in place of featuresCol. */
  default StringArrayParam featuresCols() {
    return new StringArrayParam(
        this,
        "featuresCols",
        "feature column names, of numbers, arrays or vectors, in place of featuresCol");
  }

  /** Columns of strings or other values, each of which gets an id and a vector. */
  default StringArrayParam categoricalCols() {
    return new StringArrayParam(
        this,
        "categoricalCols",
        "columns to treat as categorical, of strings or other values; with them alone featuresCol is read only if it is set");
  }

  default Param<String> labelCol() {
    return new Param<>(this, "labelCol", "label column name");
  }

  default Param<String> predictionCol() {
    return new Param<>(this, "predictionCol", "prediction column name");
  }

  default Param<String> handleInvalid() {
    Function1<String, Object> valid = ParamValidators.inArray(List.of("error", "skip", "keep"));
    return new Param<>(
        this,
        "handleInvalid",
        "how to handle invalid data (NULL and NaN values, unreadable rows). Options are 'skip' (filter out rows with invalid data), 'error' (throw an error), or 'keep' (leave them out of training, and predict NaN)",
        valid);
  }

  default String getFeaturesCol() {
    return getOrDefault(featuresCol());
  }

  default String[] getFeaturesCols() {
    return getOrDefault(featuresCols());
  }

  default String[] getCategoricalCols() {
    return getOrDefault(categoricalCols());
  }

  default String getLabelCol() {
    return getOrDefault(labelCol());
  }

  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }

  default String getHandleInvalid() {
    return getOrDefault(handleInvalid());
  }

  default S setFeaturesCol(String value) {
    return self(set(featuresCol(), value));
  }

  default S setFeaturesCols(String... value) {
    return self(set(featuresCols(), value));
  }

  default S setCategoricalCols(String... value) {
    return self(set(categoricalCols(), value));
  }

  default S setLabelCol(String value) {
    return self(set(labelCol(), value));
  }

  default S setPredictionCol(String value) {
    return self(set(predictionCol(), value));
  }

  default S setHandleInvalid(String value) {
    return self(set(handleInvalid(), value));
  }

  @SuppressWarnings("unchecked")
  private S self(Params set) {
    return (S) set;
  }
}
