package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The Params of the estimators are what MLlib's are. */
class ParamsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  static List<Supplier<PipelineStage>> estimators() {
    return List.of(NeuralClassifier::new, NeuralRegressor::new);
  }

  private static List<String> names(Params stage) {
    return Arrays.stream(stage.params()).map(Param::name).toList();
  }

  @Test
  void namesAndDefaultsAreMllibs() {
    NeuralClassifier ours = new NeuralClassifier();
    Params[] theirs = {new LogisticRegression(), new MultilayerPerceptronClassifier()};
    for (String name :
        List.of(
            "featuresCol",
            "labelCol",
            "predictionCol",
            "probabilityCol",
            "rawPredictionCol",
            "thresholds",
            "weightCol",
            "regParam",
            "standardization")) {
      Param<?> param = theirs[0].getParam(name);
      assertEquals(
          String.valueOf(theirs[0].getDefault(param)),
          String.valueOf(ours.getDefault(ours.getParam(name))),
          name);
    }
    assertEquals(
        theirs[1].getDefault(theirs[1].getParam("blockSize")), ours.getDefault(ours.blockSize()));
    for (String name : List.of("featuresCol", "labelCol", "probabilityCol", "weightCol", "seed"))
      assertEquals(
          theirs[name.equals("seed") ? 1 : 0].getParam(name).doc(), ours.getParam(name).doc());
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void theUidNamesTheClassAndIsItsOwn(Supplier<PipelineStage> maker) {
    PipelineStage stage = maker.get();
    String name = stage.getClass().getSimpleName();
    assertTrue(
        stage
            .uid()
            .matches(Character.toLowerCase(name.charAt(0)) + name.substring(1) + "_[0-9a-f]{12}"),
        stage::uid);
    assertNotEquals(stage.uid(), maker.get().uid());
    assertEquals(stage.uid(), stage.toString());
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void aCopyHasTheUidAndItsOwnValues(Supplier<PipelineStage> maker) {
    PipelineStage stage = maker.get();
    stage.set("maxIter", 3);
    PipelineStage copy = stage.copy(new ParamMap().put(intParam(stage, "blockSize"), 7));
    assertNotSame(stage, copy);
    assertEquals(stage.uid(), copy.uid());
    assertEquals(3, copy.getOrDefault(copy.getParam("maxIter")));
    assertEquals(7, copy.getOrDefault(copy.getParam("blockSize")));
    copy.set("maxIter", 4);
    assertEquals(3, stage.getOrDefault(stage.getParam("maxIter")));
    assertEquals(128, stage.getOrDefault(stage.getParam("blockSize")));
  }

  private static Param<Object> intParam(PipelineStage stage, String name) {
    return stage.getParam(name);
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void everyParamIsExplainedWithItsValues(Supplier<PipelineStage> maker) {
    PipelineStage stage = maker.get();
    stage.set("maxIter", 3);
    String explained = stage.explainParams();
    assertTrue(
        explained.contains(
            "maxIter: maximum number of iterations: passes over the data (> 0) (default: 10, current: 3)"),
        explained);
    assertEquals(names(stage).stream().sorted().toList(), names(stage));
    for (String name : names(stage)) assertTrue(explained.contains(name + ": "), explained);
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void settersSetAndGettersGet(Supplier<PipelineStage> maker) throws ReflectiveOperationException {
    PipelineStage stage = maker.get();
    for (Param<?> p : stage.params()) {
      if (!stage.hasDefault(p)) continue;
      String name = Character.toUpperCase(p.name().charAt(0)) + p.name().substring(1);
      Object value = stage.getClass().getMethod("get" + name).invoke(stage);
      var setter =
          Arrays.stream(stage.getClass().getMethods())
              .filter(m -> m.getName().equals("set" + name) && !m.isBridge())
              .findFirst()
              .orElseThrow(() -> new AssertionError("no set" + name));
      assertEquals(stage, setter.invoke(stage, value), name);
      assertTrue(stage.isSet(p), name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "maxIter, 0",
    "blockSize, 0",
    "stepSize, 0",
    "regParam, -1",
    "solver, lbfgs",
    "handleInvalid, drop",
    "numWorkers, -1"
  })
  void aWrongValueIsRefusedByName(String name, String value) {
    NeuralClassifier classifier = new NeuralClassifier();
    Param<Object> param = classifier.getParam(name);
    Object typed =
        switch (param.getClass().getSimpleName()) {
          case "IntParam" -> Integer.valueOf(value);
          case "DoubleParam" -> Double.valueOf(value);
          default -> value;
        };
    Exception wrong =
        assertThrows(IllegalArgumentException.class, () -> classifier.set(param, typed));
    assertTrue(wrong.getMessage().contains(name), wrong::getMessage);
  }

  @Test
  void schemasAreCheckedBeforeAJob() {
    StructType schema = Passengers.SCHEMA;
    NeuralClassifier classifier = new NeuralClassifier();
    assertEquals(
        "rawPrediction, probability, prediction",
        Arrays.stream(classifier.transformSchema(schema).fieldNames())
            .skip(schema.length())
            .collect(Collectors.joining(", ")));
    refused("there is no column 'pixels'", new NeuralClassifier().setFeaturesCol("pixels"), schema);
    refused("there is no column 'class'", new NeuralClassifier().setLabelCol("class"), schema);
    refused("'port' is a string", new NeuralClassifier().setFeaturesCol("port"), schema);
    refused("'port' is a string", new NeuralRegressor().setLabelCol("port"), schema);
    refused("weight column 'port'", new NeuralRegressor().setWeightCol("port"), schema);
    refused("Column prediction already exists", classifier, schema.add("prediction", "double"));
    refused(
        "set validationIndicatorCol", new NeuralClassifier().setNumEarlyStoppingRounds(2), schema);
  }

  private static void refused(String text, PipelineStage stage, StructType schema) {
    Exception wrong =
        assertThrows(IllegalArgumentException.class, () -> stage.transformSchema(schema));
    assertTrue(wrong.getMessage().contains(text), wrong::getMessage);
  }
}
