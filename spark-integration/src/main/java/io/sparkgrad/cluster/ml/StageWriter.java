package io.sparkgrad.cluster.ml;

import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWriter;

/**
 * Writes an estimator or a model as MLlib writes its own: Params as JSON in {@code metadata}, and
 * beside it the weights and columns of a model in {@code model.safetensors}. No Java serialization.
 */
final class StageWriter extends MLWriter {
  static final String WEIGHTS = "model.safetensors";

  private final Params stage;

  StageWriter(Params stage) {
    this.stage = stage;
  }

  @Override
  public void saveImpl(String path) {
    NeuralModel<?> model = stage instanceof NeuralModel<?> m ? m : null;
    String json = StageMetadata.of(stage, model, sc().version()).toString();
    StageMetadata.write(json, path, sc());
    if (model != null) model.trained().save(new Path(path, WEIGHTS).toString());
  }
}
