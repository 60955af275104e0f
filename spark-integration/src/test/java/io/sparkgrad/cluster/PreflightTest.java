package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** What can be refused without data is refused before any is read; jobs say what they do. */
class PreflightTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  private static final AtomicInteger READ = new AtomicInteger();

  /** As PlainLoop's, with columns a and b, and each row counted when it is read. */
  private static Dataset<Row> data() {
    READ.set(0);
    UDF1<Double, Double> count =
        a -> {
          READ.incrementAndGet();
          return a;
        };
    return spark
        .session()
        .range(0, 30, 1, 2)
        .selectExpr("id / 30d AS a", "cos(id) AS b", "id % 3 AS class")
        .withColumn(
            "a",
            functions
                .udf(count, DataTypes.DoubleType)
                .asNondeterministic()
                .apply(functions.col("a")));
  }

  private static SparkTrainer trainer() {
    return trainer(() -> new Linear(2, 3));
  }

  private static SparkTrainer trainer(ModelSupplier model) {
    return SparkTrainer.of(model)
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.1))
        .features("a", "b")
        .label("class")
        .workers(2);
  }

  private static String unread(SparkTrainer trainer) {
    Dataset<Row> data = data();
    String text =
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(data)).getMessage();
    assertEquals(0, READ.get(), text);
    return text;
  }

  private static String refused(Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) assertTrue(text.contains(part), text);
  }

  @Test
  void aLossThatCannotBeSentIsNamedWithTheFieldThatHoldsIt() {
    Timer timer = new Timer(true);
    Loss uses = (output, target) -> timer.purge() < 0 ? null : Losses.crossEntropy(output, target);
    assertContains(
        unread(trainer().loss(uses)),
        "the loss cannot be sent to the executors: ",
        "java.util.Timer");
    Holder holder = new Holder();
    assertContains(
        unread(trainer().loss(holder.loss())),
        "the loss cannot be sent to the executors: ",
        "'timer'");
    assertContains(
        unread(trainer(holder.model())), "the model cannot be sent to the executors: ", "'timer'");
    assertContains(
        unread(trainer().validate(data()).metric("m", holder.metric())),
        "metric 'm' cannot be sent to the executors: ",
        "'timer'");
  }

  /** Lambdas of it hold it. */
  static final class Holder implements java.io.Serializable {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    final Timer timer = new Timer(true);

    Loss loss() {
      return (output, target) -> timer.purge() < 0 ? null : Losses.crossEntropy(output, target);
    }

    ModelSupplier model() {
      return () -> new Linear(2, 3 + Math.min(0, timer.purge()));
    }

    Metric metric() {
      return (output, target) -> new Metric.Value(timer.purge(), 1);
    }
  }

  /** Can be written, not read. */
  static final class Unreadable implements Loss {
    private static final long serialVersionUID = 1;

    @Override
    public Value of(Tensor output, Tensor target) {
      return Losses.crossEntropy(output, target);
    }

    private void readObject(ObjectInputStream in) throws IOException {
      throw new IOException("from another version");
    }
  }

  @Test
  void aLossThatCannotBeReadBack() {
    assertContains(
        unread(trainer().loss(new Unreadable())),
        "the loss can be sent to the executors, but not be read there: ",
        "from another version");
  }

  @Test
  void nullsAreNamed() {
    assertEquals("the model's supplier is null", refused(() -> SparkTrainer.of(null)));
    assertEquals("the loss is null", refused(() -> trainer().loss(null)));
    assertEquals("the optimizer is null", refused(() -> trainer().optimizer(null)));
    assertEquals("a feature column is null", refused(() -> trainer().features("a", null)));
    assertEquals(
        "the array of feature columns is null", refused(() -> trainer().features((String[]) null)));
    assertEquals("the label column is null", refused(() -> trainer().label((String) null)));
    assertEquals("the validation set is null", refused(() -> trainer().validate(null)));
    assertEquals("metric 'm' is null", refused(() -> trainer().metric("m", null)));
    assertEquals(
        "a metric's name is null", refused(() -> trainer().metric(null, Metrics::accuracy)));
    assertEquals("the listener of epochs is null", refused(() -> trainer().onEpoch(null)));
    assertEquals("the training set is null", refused(() -> trainer().fit(null)));
    assertEquals("the model's supplier gives null", unread(trainer(() -> null)));
  }

  @Test
  void aModelThatCannotBeMade() {
    assertContains(
        unread(
            trainer(
                () -> {
                  throw new IllegalStateException("no such layer");
                })),
        "the model cannot be made: java.lang.IllegalStateException: no such layer");
  }

  @Test
  void aModelsWidthIsComparedWithColumnsOfKnownWidth() {
    assertContains(
        unread(trainer(() -> new Linear(3, 3))),
        "the model does not take rows of 2 numbers (feature columns [a, b]): ");
    Dataset<Row> vectors =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b"})
            .setOutputCol("v")
            .transform(data());
    assertEquals(2, AttributeGroup.fromStructField(vectors.schema().apply("v")).size());
    assertContains(
        refused(() -> trainer(() -> new Linear(5, 3)).features("v").fit(vectors)),
        "the model does not take rows of 2 numbers (feature columns [v]): ");
    assertEquals(0, READ.get());
  }

  @Test
  void aSettingThatNobodyKnowsIsNamedWithTheNearest() {
    for (String[] wrong :
        new String[][] {{"gup", ": did you mean spark.sparkgrad.gpu?"}, {"workers", ""}}) {
      String key = "spark.sparkgrad." + wrong[0];
      spark.session().conf().set(key, "1");
      try {
        assertEquals(
            "there is no setting "
                + key
                + " (settings: spark.sparkgrad.gpu, spark.sparkgrad.onednn, spark.sparkgrad.chaos)"
                + wrong[1],
            unread(trainer()));
      } finally {
        spark.session().conf().unset(key);
      }
    }
  }

  @Test
  void metricsAreNotNamedAsTheLossIs() {
    for (String name : List.of("loss", "validation loss", "", " "))
      assertContains(
          refused(() -> trainer().metric(name, Metrics::accuracy)),
          "a metric cannot be named '" + name + "'");
  }

  @Test
  void columnsInBackticksAndNamesThatWereMeant() {
    Dataset<Row> data =
        data()
            .selectExpr(
                "a AS `odd name`",
                "named_struct('x.y', b, 'price', a) AS s",
                "class",
                "a AS `p.q`");
    TrainingResult result =
        trainer(() -> new Linear(3, 3)).features("`odd name`", "s.`x.y`", "`p.q`").fit(data);
    assertEquals(30, result.predict(data).collectAsList().size());
    assertContains(
        refused(() -> trainer().features("prise").fit(data)), "there is no column 'prise'");
    assertContains(
        refused(() -> trainer().features("s.prise").fit(data)), "did you mean 's.price'?");
    assertContains(refused(() -> trainer().features("price").fit(data)), "did you mean 's.price'?");
    String text = refused(() -> trainer().features("z").fit(data()));
    assertEquals("there is no column 'z' (columns: a, b, class)", text);
  }

  @Test
  void jobsSayWhatTheyDoAndTheUsersOwnDescriptionComesBack() {
    List<String> descriptions = Collections.synchronizedList(new ArrayList<>());
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            descriptions.add(job.properties().getProperty("spark.job.description"));
          }
        };
    spark.context().setJobDescription("mine");
    spark.session().sparkContext().addSparkListener(listener);
    try {
      Scaling.standard(data(), "a");
      trainer().epochs(2).validate(data()).fit(data());
      spark.context().parallelize(List.of(1)).count();
      while (!descriptions.contains("mine")) Thread.onSpinWait();
    } finally {
      spark.session().sparkContext().removeSparkListener(listener);
      spark.context().setLocalProperty("spark.job.description", null);
    }
    List<String> distinct = descriptions.stream().distinct().toList();
    assertEquals("sparkgrad: scale of [a]", distinct.get(0));
    for (int i = 1; i < 4; i++)
      assertTrue(distinct.get(i).matches("sparkgrad fit \\d+ of 'class': .*"), distinct.toString());
    assertTrue(distinct.get(2).endsWith(": reads the validation rows"), distinct.toString());
    assertEquals("mine", distinct.get(4));
    assertNull(spark.context().getLocalProperty("spark.job.description"));
  }

  @Test
  void aMetricOnNothingIsRefused() {
    Module model = new Linear(2, 3);
    assertEquals(1, model.modules().size());
    assertContains(
        unread(trainer().metric("m", Metrics::accuracy)), "metric 'm' needs a validation set");
  }
}
