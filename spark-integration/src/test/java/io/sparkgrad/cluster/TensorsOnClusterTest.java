package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.dataset.Images;
import io.sparkgrad.dataset.Transform;
import io.sparkgrad.dataset.Transforms;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.random.Generator;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tensors and modules go to executors and come back, where a program has chosen Kryo and named
 * nothing else.
 */
@Tag("cluster")
class TensorsOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.kryo();

  @Test
  void case75_tensorsAreBroadcastShuffledCachedAndCollected() {
    Broadcast<Tensor> weights = spark.context().broadcast(Tensor.tensor(1.0, 2, 3));
    JavaRDD<Tensor> rows =
        spark
            .context()
            .parallelize(List.of(0, 1, 2, 3), 2)
            .map(i -> weights.value().mul((double) i))
            .repartition(3)
            .persist(StorageLevel.MEMORY_ONLY_SER());
    assertEquals(4, rows.count());
    List<Tensor> collected = rows.collect();
    Tensor sum = rows.reduce(Tensor::add);
    rows.unpersist(true);
    assertEquals(4, collected.size());
    assertArrayEquals(new float[] {6, 12, 18}, sum.toFloats());
  }

  @Test
  void case75_aClosureCarriesAModule() {
    Sequential model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    Tensor x = Tensor.rand(2, 3);
    List<Tensor> there =
        spark.context().parallelize(List.of(x), 1).map(t -> model.forward(t).detach()).collect();
    assertArrayEquals(model.forward(x).toFloats(), there.get(0).toFloats());
    Broadcast<Sequential> sent = spark.context().broadcast(model);
    List<Tensor> again =
        spark
            .context()
            .parallelize(List.of(x), 1)
            .map(t -> sent.value().forward(t).detach())
            .collect();
    assertArrayEquals(model.forward(x).toFloats(), again.get(0).toFloats());
  }

  /** Files' bytes become images there, by the chance that the row's generator has here. */
  @Test
  void imagesAreDecodedAndTransformedOnExecutors() throws IOException {
    Transform transform =
        Transforms.resize(9, 8)
            .then(Transforms.randomCrop(8, 2))
            .then(Transforms.randomHorizontalFlip(0.5))
            .then(Transforms.normalize(new double[] {.5, .5, .5}, new double[] {.2, .3, .4}));
    BufferedImage image = new BufferedImage(7, 5, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 35; i++) image.setRGB(i % 7, i / 7, 0x1234567 * i);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    byte[] png = out.toByteArray();
    List<Tensor> there =
        spark
            .context()
            .parallelize(List.of(0, 1, 2, 3, 4, 5), 3)
            .map(row -> transform.apply(Images.decode(png), new Generator(row)))
            .collect();
    for (int row = 0; row < 6; row++)
      assertArrayEquals(
          transform.apply(Images.tensor(image), new Generator(row)).toFloats(),
          there.get(row).toFloats());
  }

  @Test
  void fitValidationPredictionAndScalingRunUnderRegisteredClassesOnly() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 3);
    Scaling scaling = Scaling.standard(data, "x");
    TrainingResult result =
        PlainLoop.trainer(4, () -> new Sequential(scaling.layer(), PlainLoop.model()))
            .validate(PlainLoop.validation(spark.session(), 2))
            .metric("accuracy", Metrics::accuracy)
            .fit(data);
    assertEquals(PlainLoop.EPOCHS, result.metrics().get("accuracy").size());
    assertEquals(PlainLoop.ROWS, result.classify(data).collectAsList().size());
    // A problem of a row travels, too.
    Dataset<Row> bad = data.selectExpr("row", "if(row = 7, null, x) AS x", "class");
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(4).fit(bad))
            .getMessage()
            .contains("column 'x' is null"));
    assertEquals(1, PlainLoop.trainer(4).handleInvalid("skip").fit(bad).skippedRows());
    // And so do rows of few numbers, and a vocabulary.
    Dataset<Row> few = data.selectExpr("row", "array_repeat(0d, 200) AS zeros", "class");
    Ids classes = Ids.of("class").vocabulary(few);
    TrainingResult byId =
        SparkTrainer.of(() -> new VocabularyTest.Places(3))
            .loss(Losses::crossEntropy)
            .optimizer(PlainLoop.RULE)
            .input("ids", classes)
            .input("few", "zeros")
            .label("class")
            .workers(2)
            .fit(few);
    assertEquals(PlainLoop.ROWS, byId.predict(few).collectAsList().size());
  }

  @Test
  void case75_aResultWithAHistoryDoesNotComeBack() {
    Tensor w = Tensor.ones(2).requiresGrad_();
    JavaRDD<Tensor> products =
        spark.context().parallelize(List.of(1, 2), 1).map(i -> w.mul((double) i));
    Throwable e = assertThrows(Exception.class, products::collect);
    assertTrue(e.getMessage().contains("serialize its detach()"), e.getMessage());
  }
}
