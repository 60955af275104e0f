package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.TrainedModel;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.MLReader;

/** Reads a model that {@link StageWriter} has written. */
final class ModelReader<M extends NeuralModel<M>> extends MLReader<M> {
  /** A constructor of models. */
  @FunctionalInterface
  interface Maker<M> {
    M of(String uid, SizedNetwork network, TrainedModel trained, TrainingResult summary);
  }

  private final Class<M> type;
  private final Maker<M> maker;

  ModelReader(Class<M> type, Maker<M> maker) {
    this.type = type;
    this.maker = maker;
  }

  @Override
  public M load(String path) {
    JsonNode json = StageMetadata.read(type, path, sc());
    SizedNetwork network = StageMetadata.network(json);
    TrainedModel trained =
        TrainedModel.load(network, new Path(path, StageWriter.WEIGHTS).toString());
    M model = maker.of(json.path("uid").asText(), network, trained, null);
    StageMetadata.setParams(model, json);
    return model;
  }
}
