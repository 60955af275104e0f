package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Function;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLReader;

/** Reads an estimator that {@link StageWriter} has written. */
final class EstimatorReader<E extends Params> extends MLReader<E> {
  private final Class<E> type;
  private final Function<String, E> maker;

  EstimatorReader(Class<E> type, Function<String, E> maker) {
    this.type = type;
    this.maker = maker;
  }

  @Override
  public E load(String path) {
    JsonNode json = StageMetadata.read(type, path, sc());
    E estimator = maker.apply(json.path("uid").asText());
    StageMetadata.setParams(estimator, json);
    return estimator;
  }
}
