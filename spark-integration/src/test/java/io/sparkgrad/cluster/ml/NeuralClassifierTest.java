package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import io.sparkgrad.nn.Linear;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The classifier as a stage of Spark ML. */
class NeuralClassifierTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static Dataset<Row> data() {
    return Passengers.data(spark.session(), 600);
  }

  private static double accuracy(Dataset<Row> scored) {
    return new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(scored);
  }

  @Test
  void learnsClassesFromNumbersAndStrings() {
    NeuralClassificationModel model = Passengers.classifier().fit(data());
    assertEquals(3, model.numClasses());
    assertEquals(2, model.numFeatures());
    double accuracy = accuracy(model.transform(data()));
    assertTrue(accuracy > 0.9, () -> "accuracy " + accuracy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "wideAndDeep", "deepFM"})
  void everyNetworkLearnsTwoClasses(String type) {
    Network network =
        Networks.fromJson("{\"type\":\"%s\",\"hidden\":[16],\"dropout\":0.1}".formatted(type));
    NeuralClassificationModel model =
        Passengers.classifier()
            .setCategoricalCols("port", "deck")
            .setLabelCol("two")
            .setNetwork(network)
            .fit(data());
    assertEquals(2, model.numClasses());
    double auc =
        new BinaryClassificationEvaluator().setLabelCol("two").evaluate(model.transform(data()));
    assertTrue(auc > 0.95, () -> type + " AUC " + auc);
  }

  @Test
  void stringsAloneAreFeaturesToo() {
    NeuralClassificationModel model =
        new NeuralClassifier()
            .setCategoricalCols("port", "deck")
            .setLabelCol("two")
            .setStepSize(0.01)
            .setNumWorkers(1)
            .fit(data());
    assertEquals(0, model.numFeatures());
    double auc =
        new BinaryClassificationEvaluator().setLabelCol("two").evaluate(model.transform(data()));
    assertTrue(auc > 0.8, () -> "AUC " + auc);
  }

  @Test
  void severalColumnsOfNumbersAreOneMatrix() {
    NeuralClassifier classifier = Passengers.classifier();
    Dataset<Row> one = classifier.fit(data()).transform(data());
    Dataset<Row> two = classifier.setFeaturesCols("age", "fare").fit(data()).transform(data());
    assertEquals(
        0, one.select("age", "probability").exceptAll(two.select("age", "probability")).count());
  }

  @Test
  void aFunctionOfTheSizesIsANetwork() {
    Dataset<Row> rich = data().withColumn("label", functions.expr("double(fare > 300)"));
    NeuralClassificationModel model =
        new NeuralClassifier()
            .setNetwork(sizes -> new Linear(sizes.features(), sizes.outputs()))
            .setStepSize(0.05)
            .setBlockSize(32)
            .setNumWorkers(1)
            .fit(rich);
    assertTrue(accuracy(model.transform(rich)) > 0.9);
  }

  @Test
  void thePredictedClassHasTheLargestProbabilityOverItsThreshold() {
    NeuralClassificationModel model = Passengers.classifier().setMaxIter(2).fit(data());
    for (double[] t : new double[][] {{0.2, 0.5, 0.3}, {1, 0, 1}, {1, 1, 1}}) {
      List<Row> rows =
          model
              .copy(new ParamMap())
              .setThresholds(t)
              .transform(data())
              .select("probability", "prediction")
              .collectAsList();
      for (Row row : rows) {
        double[] p = ((Vector) row.get(0)).toArray();
        int best =
            IntStream.range(0, 3)
                .boxed()
                .max((a, b) -> Double.compare(p[a] / t[a], p[b] / t[b]))
                .orElseThrow();
        assertEquals(best, row.getDouble(1), () -> Arrays.toString(p) + Arrays.toString(t));
      }
    }
    Exception wrong =
        assertThrows(
            IllegalArgumentException.class,
            () -> model.copy(new ParamMap()).setThresholds(0.5, 0.5).transform(data()));
    assertEquals(
        "NeuralClassificationModel.transform() called with non-matching numClasses and thresholds.length. numClasses=3, but thresholds has length 2",
        wrong.getMessage());
  }

  @Test
  void columnsOfAnEmptyNameAreLeftOut() {
    NeuralClassificationModel model = Passengers.classifier().setMaxIter(1).fit(data());
    Dataset<Row> scored =
        model
            .setRawPredictionCol("")
            .setProbabilityCol("p")
            .setPredictionCol("class")
            .transform(data());
    List<String> columns = List.of(scored.columns());
    assertEquals(List.of("p", "class"), columns.subList(data().columns().length, columns.size()));
    assertEquals(
        model.transformSchema(data().schema()).fieldNames().length, scored.columns().length);
  }

  @Test
  void theSchemaOfTheResultIsKnownBefore() {
    NeuralClassifier classifier = Passengers.classifier().setMaxIter(1);
    NeuralClassificationModel model = classifier.fit(data());
    Dataset<Row> scored = model.transform(data());
    String[] found = scored.schema().fieldNames();
    assertArrayEquals(found, classifier.transformSchema(data().schema()).fieldNames());
    assertArrayEquals(found, model.transformSchema(data().schema()).fieldNames());
    for (String vector : List.of("rawPrediction", "probability"))
      assertEquals(3, AttributeGroup.fromStructField(scored.schema().apply(vector)).size());
  }

  @Test
  void aPipelineGivesTheNamesOfTheLabelBack() {
    StringIndexer indexer =
        new StringIndexer().setInputCol("name").setOutputCol("index").setHandleInvalid("error");
    NeuralClassifier classifier = Passengers.classifier().setLabelCol("index");
    IndexToString names = new IndexToString().setInputCol("prediction").setOutputCol("found");
    Dataset<Row> named =
        data().withColumn("name", functions.expr("concat('class ', int(label))")).drop("label");
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {indexer, classifier, names}).fit(named);
    Dataset<Row> scored = model.transform(named);
    assertTrue(scored.where("found = name").count() > 0.9 * scored.count());
  }

  @Test
  void crossValidationFindsTheBetterSettingAndTrialsMayRunAtOnce() {
    NeuralClassifier classifier = Passengers.classifier().setMaxIter(6);
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(classifier.stepSize(), new double[] {1e-6, 0.02})
            .addGrid(classifier.blockSize(), new int[] {32})
            .build();
    CrossValidatorModel found =
        new CrossValidator()
            .setEstimator(classifier)
            .setEvaluator(new MulticlassClassificationEvaluator().setMetricName("accuracy"))
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setParallelism(2)
            .setSeed(3)
            .fit(data());
    assertTrue(found.avgMetrics()[1] > found.avgMetrics()[0] + 0.2);
    NeuralClassifier best = (NeuralClassifier) found.bestModel().parent();
    assertEquals(0.02, best.getStepSize());
  }

  @Test
  void aSplitTriesNetworks() {
    NeuralClassifier classifier = Passengers.classifier();
    ParamMap[] grid = {
      new ParamMap().put(classifier.network(), Networks.mlp()),
      new ParamMap().put(classifier.network(), Networks.wideAndDeep(16))
    };
    double[] metrics =
        new TrainValidationSplit()
            .setEstimator(classifier)
            .setEvaluator(new MulticlassClassificationEvaluator())
            .setEstimatorParamMaps(grid)
            .setSeed(3)
            .fit(data())
            .validationMetrics();
    for (double f1 : metrics) assertTrue(f1 > 0.6, () -> Arrays.toString(metrics));
  }

  @Test
  void rowsOfTheIndicatorColumnAreMeasuredOnAndEndTheTraining() {
    NeuralClassificationModel model =
        Passengers.classifier()
            .setValidationIndicatorCol("held")
            .setNumEarlyStoppingRounds(1)
            .setStepSize(0.2)
            .setMaxIter(60)
            .fit(data());
    assertTrue(model.summary().validationLosses().size() < 60);
    assertEquals("450", model.trained().facts().run().get("rows"));
  }

  @Test
  void weightsCountRows() {
    NeuralClassifier classifier = Passengers.classifier().setMaxIter(1);
    double plain = classifier.fit(data()).summary().losses().get(0);
    double weighted = classifier.setWeightCol("w").fit(data()).summary().losses().get(0);
    assertTrue(plain != weighted);
    Dataset<Row> none = data().withColumn("w", functions.expr("double(label < 2)"));
    NeuralClassificationModel two = Passengers.classifier().setWeightCol("w").fit(none);
    assertEquals(0, two.transform(data()).where("prediction = 2").count());
  }

  @Test
  void aModelIsTheStartOfTheNext() {
    NeuralClassificationModel first = Passengers.classifier().fit(data());
    Dataset<Row> other = data().withColumn("port", functions.expr("if(age < 60, port, 'new')"));
    NeuralClassificationModel next =
        Passengers.classifier().setMaxIter(1).setInitialModel(first).fit(other);
    assertEquals(first.sizes(), next.sizes());
    assertTrue(
        next.summary().losses().get(0)
            < Passengers.classifier().setMaxIter(1).fit(other).summary().losses().get(0));
  }

  @Test
  void unreadableRowsAreSkippedOrKeptAsSet() {
    Dataset<Row> holes =
        data().withColumn("age", functions.expr("if(label = 0 and fare > 300, null, age)")).cache();
    long broken = holes.where("age is null").count();
    assertTrue(broken > 5);
    NeuralClassifier classifier =
        Passengers.classifier().setMaxIter(1).setFeaturesCols("age", "fare");
    Exception error = assertThrows(Exception.class, () -> classifier.fit(holes));
    assertTrue(error.getMessage().contains("'age' is null"), error::getMessage);
    NeuralClassificationModel model = classifier.setHandleInvalid("skip").fit(holes);
    assertEquals(600 - broken, model.transform(holes).count());
    Dataset<Row> kept = model.setHandleInvalid("keep").transform(holes);
    assertEquals(broken, kept.where("isnan(prediction)").count());
    holes.unpersist();
  }

  @Test
  void labelsAreNumbersOfClasses() {
    for (String wrong : List.of("-1", "0.5"))
      assertEquals(
          "Classifier was given dataset with invalid label %s. Labels must be integers in range [0, numClasses): use StringIndexer to number them"
              .formatted(Double.parseDouble(wrong)),
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      Passengers.classifier()
                          .fit(
                              data()
                                  .withColumn(
                                      "label", functions.expr("double(%s)".formatted(wrong)))))
              .getMessage());
    Exception text =
        assertThrows(
            IllegalArgumentException.class,
            () -> Passengers.classifier().setLabelCol("port").fit(data()));
    assertTrue(text.getMessage().contains("use StringIndexer"), text::getMessage);
  }
}
