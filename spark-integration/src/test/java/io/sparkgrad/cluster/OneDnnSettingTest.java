package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.backend.onednn.OneDnn;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Unflatten;
import io.sparkgrad.optim.SGD;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code spark.sparkgrad.onednn}: whether a run convolves by oneDNN. */
class OneDnnSettingTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static final String CONF = "spark.sparkgrad.onednn";

  @AfterEach
  void asBefore() {
    spark.session().conf().unset(CONF);
    OneDnn.use(null);
  }

  /* Of eight numbers images of two channels: 2 by 2 pixels, and 3 by 3 zeros around. */
  private static TrainingResult fit() {
    return SparkTrainer.of(
            () ->
                new Sequential(
                    new Unflatten(1, 2, 2, 2),
                    new Conv2d(2, 3, 3, 1, 3),
                    new Flatten(),
                    new Linear(3 * 6 * 6, 3)))
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.05))
        .features("x")
        .label("class")
        .rowOrder("row")
        .workers(2)
        .batchSize(PlainLoop.BATCH)
        .fit(PlainLoop.data(spark.session(), 2));
  }

  @Test
  void theResultNamesTheKernelsThatComputed() {
    spark.session().conf().set(CONF, "off");
    TrainingResult byBlas = fit();
    assertEquals(Blas.kernels(), byBlas.processors().get(0).name());
    spark.session().conf().set(CONF, "auto");
    TrainingResult usual = fit();
    String kernels = OneDnn.kernels();
    assertEquals(
        Blas.kernels() + (OneDnn.isUsed() ? ", " + kernels : ""), usual.processors().get(0).name());
    assertEquals("", usual.nondeterminism());
    assertEquals(byBlas.losses().get(0), usual.losses().get(0), 1e-5);
  }

  @Test
  void aSettingThatMeansNothingIsAnError() {
    spark.session().conf().set(CONF, "yes");
    var e = assertThrows(IllegalArgumentException.class, OneDnnSettingTest::fit);
    assertTrue(
        e.getMessage().contains("spark.sparkgrad.onednn must be off, auto or require, got 'yes'"),
        e.getMessage());
  }
}
