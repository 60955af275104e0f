package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a fit says at INFO: enough to run a job by. */
class FitLogTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  private static final String OURS = "io.sparkgrad.cluster";

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final AbstractAppender appender =
      new AbstractAppender("said", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          if (event.getLoggerName().startsWith(OURS))
            said.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
      };

  @TempDir Path folder;

  @BeforeEach
  void listen() {
    appender.start();
    ((LoggerContext) LogManager.getContext(false)).getRootLogger().addAppender(appender);
    Configurator.setLevel(OURS, Level.INFO);
  }

  @AfterEach
  void stopListening() {
    Configurator.setLevel(OURS, Level.WARN);
    ((LoggerContext) LogManager.getContext(false)).getRootLogger().removeAppender(appender);
  }

  @Test
  void rowsThatAreLeftOutAreCountedAndTheFirstIsNamed() {
    Dataset<Row> data =
        PlainLoop.data(spark.session(), 2)
            .selectExpr("row", "x", "if(row in (7, 300), null, class) AS class");
    PlainLoop.trainer(2).handleInvalid("skip").fit(data);
    String wanted =
        "WARN training set: 2 of 331 rows could not be read and were left out, the first because column 'class' is null in row 7 (";
    assertTrue(said.stream().anyMatch(line -> line.startsWith(wanted)), said.toString());
  }

  @Test
  void startEpochsEndAndPath() {
    TrainingResult result =
        PlainLoop.trainer(2)
            .validate(PlainLoop.validation(spark.session(), 1))
            .metric("accuracy", Metrics::accuracy)
            .fit(PlainLoop.data(spark.session(), 2));
    String path = folder.resolve("m.safetensors").toString();
    result.save(path);
    assertMatches(
        "INFO fit of 'class': 331 rows of 8 numbers \\[x\\], 75 parameters, SGD.*, 3 epochs of 17 steps, 20 rows a step, seed 0, 2 workers, BLAS \\w+, GPU auto");
    for (int e = 1; e <= 3; e++)
      assertMatches(
          "INFO epoch "
              + e
              + " of 3: loss [0-9.e-]+, validation loss [0-9.e-]+, accuracy [0-9.]+, [0-9,]+ rows/s");
    assertMatches(
        "INFO fit of 'class' is done \\(.*\\): 3 epochs, 51 steps in [0-9.]+ s, [0-9,]+ rows/s, loss .*, accuracy .*, on executor driver: cpu");
    assertMatches("INFO saved the model to " + path);
  }

  @Test
  void aFitThatIsRefusedSaysNothing() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 1);
    SparkTrainer trainer =
        SparkTrainer.of(() -> new Linear(9, 3))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.1))
            .features("x")
            .label("class");
    assertThrows(IllegalArgumentException.class, () -> trainer.fit(data));
    assertEquals(List.of(), said);
  }

  @Test
  void howToPinTheBitsIsSaidOnceAtMost() {
    SparkTrainer trainer = PlainLoop.trainer(1);
    trainer.workers = 0;
    Dataset<Row> data = PlainLoop.data(spark.session(), 1);
    trainer.fit(data);
    said.clear();
    trainer.fit(data);
    assertTrue(said.stream().noneMatch(line -> line.contains("pins")), said.toString());
  }

  @Test
  void featuresOutOfScaleAreNamedInOneLine() {
    Dataset<Row> data =
        spark
            .session()
            .range(0, 40, 1, 2)
            .selectExpr("id * 5000 AS income", "id / 400d AS rate", "id % 2 AS y");
    SparkTrainer trainer =
        SparkTrainer.of(() -> new Linear(2, 2))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(1e-9))
            .features("income", "rate")
            .label("y")
            .workers(2);
    trainer.fit(data);
    assertMatches(
        "WARN feature column 'income' reaches 195000: .*Scaling.standard\\(train, \"income\", \"rate\"\\).*");
    said.clear();
    Scaling scaling = Scaling.standard(data, "income", "rate");
    SparkTrainer.of(() -> new Sequential(scaling.layer(), new Linear(2, 2)))
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.1))
        .features("income", "rate")
        .label("y")
        .workers(2)
        .fit(data);
    assertTrue(said.stream().noneMatch(line -> line.startsWith("WARN")), said.toString());
  }

  private void assertMatches(String pattern) {
    assertTrue(said.stream().anyMatch(line -> line.matches(pattern)), String.join("\n", said));
  }
}
