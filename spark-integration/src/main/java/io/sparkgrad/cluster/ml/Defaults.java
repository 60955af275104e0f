package io.sparkgrad.cluster.ml;

/** The defaults of Params that several classes have; MLlib's, where it has them. */
final class Defaults {
  private Defaults() {}

  static void ofPrediction(PredictionParams<?> stage) {
    stage.setDefault(stage.featuresCol(), "features");
    stage.setDefault(stage.labelCol(), "label");
    stage.setDefault(stage.predictionCol(), "prediction");
    stage.setDefault(stage.handleInvalid(), "error");
  }

  static void ofClassification(ClassificationParams<?> stage) {
    stage.setDefault(stage.rawPredictionCol(), "rawPrediction");
    stage.setDefault(stage.probabilityCol(), "probability");
  }
}
