package io.sparkgrad.cluster.ml;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/**
 * The Params that classifiers and their models have besides, by MLlib's names.
 *
 * @param <S> the class that has them
 */
public interface ClassificationParams<S> extends Params {
  /** A column name may be empty: then there is no such column. */
  default Param<String> rawPredictionCol() {
    return new Param<>(this, "rawPredictionCol", "raw prediction (a.k.a. confidence) column name");
  }

  default Param<String> probabilityCol() {
    return new Param<>(
        this,
        "probabilityCol",
        "Column name for predicted class conditional probabilities. Note: Not all models output well-calibrated probability estimates! These probabilities should be treated as confidences, not precise probabilities");
  }

  default DoubleArrayParam thresholds() {
    Function1<double[], Object> valid =
        (Function1<double[], Object> & Serializable)
            t ->
                Arrays.stream(t).allMatch(x -> x >= 0)
                    && Arrays.stream(t).filter(x -> x == 0).count() <= 1;
    return new DoubleArrayParam(
        this,
        "thresholds",
        "Thresholds in multi-class classification to adjust the probability of predicting each class. Array must have length equal to the number of classes, with values > 0 excepting that at most one value may be 0. The class with largest value p/t is predicted, where p is the original probability of that class and t is the class's threshold",
        valid);
  }

  default String getRawPredictionCol() {
    return getOrDefault(rawPredictionCol());
  }

  default String getProbabilityCol() {
    return getOrDefault(probabilityCol());
  }

  default double[] getThresholds() {
    return getOrDefault(thresholds());
  }

  default S setRawPredictionCol(String value) {
    return self(set(rawPredictionCol(), value));
  }

  default S setProbabilityCol(String value) {
    return self(set(probabilityCol(), value));
  }

  default S setThresholds(double... value) {
    return self(set(thresholds(), value));
  }

  @SuppressWarnings("unchecked")
  private S self(Params set) {
    return (S) set;
  }
}
