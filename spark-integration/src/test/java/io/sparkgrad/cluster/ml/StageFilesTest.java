package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import io.sparkgrad.files.SafeTensors;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** Estimators and models are saved and loaded by MLlib's rules. */
class StageFilesTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  @TempDir Path folder;

  /** Public, with a constructor without arguments. */
  public static final class OwnNetwork implements Network {
    private static final long serialVersionUID = 1L;

    @Override
    public Module build(Sizes sizes) {
      return new Linear(sizes.features(), sizes.outputs());
    }
  }

  private static Dataset<Row> data() {
    return Passengers.data(spark.session(), 200);
  }

  private static NeuralClassifier classifier() {
    return Passengers.classifier().setMaxIter(1);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertSameParams(Params expected, Params found) {
    assertEquals(expected.uid(), found.uid());
    for (Param<?> p : expected.params()) {
      assertEquals(json(p, expected.get(p)), json(p, found.get(p)), p::toString);
      assertEquals(json(p, expected.getDefault(p)), json(p, found.getDefault(p)), p::toString);
    }
  }

  @SuppressWarnings("unchecked")
  private static String json(Param<?> p, Option<?> value) {
    return value.isDefined() ? ((Param<Object>) p).jsonEncode(value.get()) : "none";
  }

  private static void assertSamePredictions(Dataset<Row> expected, Dataset<Row> found) {
    assertArrayEquals(expected.columns(), found.columns());
    assertEquals(0, expected.exceptAll(found).count());
    assertEquals(expected.schema(), found.schema());
  }

  @Test
  void anEstimatorComesBackWithItsParams() throws IOException {
    NeuralClassifier classifier =
        classifier().setThresholds(0.1, 0.5, 0.4).setNetwork(Networks.deepFM(8).embedding(4));
    classifier.save(path("classifier"));
    assertSameParams(classifier, NeuralClassifier.load(path("classifier")));
    NeuralRegressor regressor = new NeuralRegressor().setLoss("huber").setRegParam(0.5);
    regressor.save(path("regressor"));
    assertSameParams(regressor, NeuralRegressor.load(path("regressor")));
  }

  @Test
  void aModelPredictsTheSameAfterwards() throws IOException {
    NeuralClassificationModel model = classifier().fit(data()).setPredictionCol("class");
    model.save(path("model"));
    NeuralClassificationModel loaded = NeuralClassificationModel.load(path("model"));
    assertSameParams(model, loaded);
    assertEquals(model.numClasses(), loaded.numClasses());
    assertEquals(model.numFeatures(), loaded.numFeatures());
    assertTrue(model.hasSummary());
    assertFalse(loaded.hasSummary());
    assertSamePredictions(model.transform(data()), loaded.transform(data()));
    NeuralRegressionModel number =
        new NeuralRegressor().setLabelCol("price").setMaxIter(1).fit(data());
    number.save(path("number"));
    assertSamePredictions(
        number.transform(data()), NeuralRegressionModel.load(path("number")).transform(data()));
  }

  @Test
  void aPipelineOfThemDoes() throws IOException {
    StringIndexer indexer = new StringIndexer().setInputCol("deck").setOutputCol("index");
    Pipeline pipeline =
        new Pipeline().setStages(new PipelineStage[] {indexer, classifier().setLabelCol("index")});
    pipeline.save(path("pipeline"));
    assertInstanceOf(NeuralClassifier.class, Pipeline.load(path("pipeline")).getStages()[1]);
    PipelineModel model = pipeline.fit(data());
    model.save(path("model"));
    assertSamePredictions(
        model.transform(data()), PipelineModel.load(path("model")).transform(data()));
  }

  @Test
  void anotherProcessReadsThem() throws Exception {
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {classifier()});
    PipelineModel model = pipeline.fit(data());
    model.save(path("model"));
    data().write().parquet(path("rows"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments())
      if (option.startsWith("--add")) command.add(option); // as Spark needs them
    command.addAll(
        List.of(
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            FreshProcess.class.getName()));
    command.addAll(List.of(path("model"), path("rows"), path("found")));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> read(output));
    Dataset<Row> expected = model.transform(data()).select("age", "fare", "prediction");
    Dataset<Row> found = spark.session().read().parquet(path("found"));
    assertEquals(200, found.count());
    assertEquals(0, expected.exceptAll(found).count());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFolderIsOverwrittenOnlyWhenAsked() throws IOException {
    classifier().save(path("there"));
    IOException refused = assertThrows(IOException.class, () -> classifier().save(path("there")));
    assertTrue(refused.getMessage().contains("already exists"), refused::getMessage);
    classifier().setMaxIter(9).write().overwrite().save(path("there"));
    assertEquals(9, NeuralClassifier.load(path("there")).getMaxIter());
  }

  @Test
  void theFilesAreJsonAndSafetensorsAlone() throws IOException {
    classifier().fit(data()).save(path("model"));
    try (Stream<Path> files = Files.walk(folder.resolve("model"))) {
      List<String> names =
          files
              .filter(Files::isRegularFile)
              .map(f -> folder.resolve("model").relativize(f).toString())
              .filter(f -> !f.endsWith(".crc"))
              .sorted()
              .toList();
      assertEquals(List.of("metadata/_SUCCESS", "metadata/part-00000", "model.safetensors"), names);
    }
    String json = Files.readString(folder.resolve("model/metadata/part-00000"));
    assertTrue(json.contains("\"network\":{\"type\":\"mlp\",\"hidden\":[16]"), json);
    assertFalse(SafeTensors.read(folder.resolve("model/model.safetensors")).tensors().isEmpty());
  }

  @Test
  void aNetworkOfOnesOwnIsSavedByItsClassAndAFunctionIsRefused() throws IOException {
    NeuralClassifier own = new NeuralClassifier().setMaxIter(1);
    NeuralClassificationModel model = own.setNetwork(Networks.of(OwnNetwork.class)).fit(data());
    model.save(path("own"));
    assertSamePredictions(
        model.transform(data()), NeuralClassificationModel.load(path("own")).transform(data()));
    NeuralClassificationModel function =
        own.setNetwork(sizes -> new Linear(sizes.features(), sizes.outputs())).fit(data());
    Exception refused =
        assertThrows(UnsupportedOperationException.class, () -> function.save(path("function")));
    assertTrue(refused.getMessage().contains("Networks.of(MyNetwork.class)"), refused::getMessage);
    assertFalse(Files.exists(folder.resolve("function/metadata/part-00000")));
  }

  @Test
  void anotherClassOrFormatIsNamed() throws IOException {
    classifier().save(path("classifier"));
    Exception other =
        assertThrows(
            IllegalArgumentException.class, () -> NeuralRegressor.load(path("classifier")));
    assertTrue(
        other
            .getMessage()
            .contains(
                "Expected class name io.sparkgrad.cluster.ml.NeuralRegressor but found class name io.sparkgrad.cluster.ml.NeuralClassifier"),
        other::getMessage);
    Path file = folder.resolve("classifier/metadata/part-00000");
    Files.writeString(file, Files.readString(file).replace("\"format\":1", "\"format\":2"));
    Files.delete(folder.resolve("classifier/metadata/.part-00000.crc"));
    Exception newer =
        assertThrows(
            IllegalArgumentException.class, () -> NeuralClassifier.load(path("classifier")));
    assertTrue(newer.getMessage().contains("has format 2"), newer::getMessage);
  }
}
