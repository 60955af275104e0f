package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.fitting.Epoch;
import io.sparkgrad.cluster.fitting.Progress;
import io.sparkgrad.cluster.notebook.ConfusionMatrix;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.optim.SGD;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TrainingRunTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static final int ENDLESS = 1_000_000; // epochs
  private static volatile CountDownLatch reading; // counted down by the first row that is read

  private final CountDownLatch firstEpoch = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    Thread.interrupted();
    assertEquals(Set.of(), spark.context().getPersistentRDDs().keySet());
  }

  private SparkTrainer endless() {
    return PlainLoop.trainer(2).epochs(ENDLESS).onEpoch(e -> firstEpoch.countDown());
  }

  private Dataset<Row> data() {
    return PlainLoop.data(spark.session(), 2);
  }

  @Test
  void theHandleGivesWhatFitGives() {
    TrainingResult fit = PlainLoop.trainer(2).fit(data());
    TrainingRun run = PlainLoop.trainer(2).start(data());
    TrainingResult result = run.await();
    assertEquals(fit.weightsSha256(), result.weightsSha256());
    assertSame(result, run.await());
    assertTrue(run.isDone());
    assertEquals(result.losses(), run.history().stream().map(Epoch::loss).toList());
    Progress p = run.progress();
    assertEquals(Progress.Phase.FINISHED, p.phase());
    assertEquals(List.of(3, 3, 51L, 51L), List.of(p.epoch(), p.epochs(), p.step(), p.steps()));
    assertTrue(
        run.toString().matches("TrainingRun\\(finished: epoch 3 of 3, step 51 of 51, loss .*"),
        run.toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stopEndsItAtTheNextStepWithAResult(boolean validates) throws Exception {
    SparkTrainer trainer = endless();
    if (validates) trainer.validate(PlainLoop.validation(spark.session(), 2));
    TrainingRun run = trainer.start(data());
    firstEpoch.await();
    assertFalse(run.isDone());
    assertEquals(Progress.Phase.TRAINING, run.progress().phase());
    run.stop();
    TrainingResult result = run.await();
    assertEquals(StopReason.REQUEST, result.stopReason());
    assertTrue(result.steps() >= PlainLoop.STEPS_PER_EPOCH, () -> "" + result.steps());
    assertEquals(run.history().size(), result.losses().size());
    run.stop();
    assertSame(result, run.await());

    long whole = result.steps() / PlainLoop.STEPS_PER_EPOCH;
    if (result.steps() % PlainLoop.STEPS_PER_EPOCH == 0)
      assertEquals(
          PlainLoop.trainer(2).epochs((int) whole).fit(data()).weightsSha256(),
          result.weightsSha256());
    else assertTrue(run.history().get((int) whole).partial());
  }

  @Test
  void aStopBeforeTheFirstStepGivesOneStep() {
    TrainingRun run = endless().start(data());
    run.stop();
    assertTrue(run.await().steps() >= 1);
  }

  @Test
  void anInterruptOfAwaitCancelsIt() throws Exception {
    TrainingRun run = endless().start(data());
    firstEpoch.await();
    Thread.currentThread().interrupt();
    TrainingException e = assertThrows(TrainingException.class, run::await);
    assertTrue(Thread.interrupted());
    assertTrue(e.getMessage().contains("interrupted at step"), e.getMessage());
    assertEquals(Progress.Phase.FAILED, run.progress().phase());
    assertSame(e, assertThrows(TrainingException.class, run::await));
  }

  /** As Spark's shell and notebooks cancel a cell: by the job group of the thread that started. */
  @Test
  void cancellingTheJobGroupEndsIt() throws Exception {
    spark.context().setJobGroup("cell 7", "a cell");
    TrainingRun run;
    try {
      run = endless().start(data());
    } finally {
      spark.context().clearJobGroup();
    }
    firstEpoch.await();
    spark.context().cancelJobGroup("cell 7");
    TrainingException e = assertThrows(TrainingException.class, run::await);
    assertTrue(e.getMessage().contains("cancelled"), e.getMessage());
  }

  /** A pool's thread that was started during a fit has its local properties, and goes on. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFitOfAThreadThatAnotherFitsThreadStartedOutlivesThat(boolean fails) throws Exception {
    CompletableFuture<Integer> inner = new CompletableFuture<>();
    CountDownLatch innerTrains = new CountDownLatch(1);
    CountDownLatch outerIsOver = new CountDownLatch(1);
    Runnable fit =
        () -> {
          try {
            TrainingResult result =
                PlainLoop.trainer(1)
                    .epochs(1_000)
                    .onEpoch(
                        e -> {
                          innerTrains.countDown();
                          await(outerIsOver);
                        })
                    .fit(PlainLoop.data(spark.session(), 1));
            inner.complete(result.losses().size());
          } catch (Throwable e) {
            inner.completeExceptionally(e);
          }
        };
    SparkTrainer outer =
        PlainLoop.trainer(1)
            .epochs(1)
            .onEpoch(
                e -> {
                  new Thread(fit, "a pool's").start();
                  await(innerTrains);
                  if (fails) throw new IllegalStateException("a listener's");
                });
    if (fails) assertThrows(Exception.class, () -> outer.fit(PlainLoop.data(spark.session(), 1)));
    else outer.fit(PlainLoop.data(spark.session(), 1));
    outerIsOver.countDown();
    assertEquals(1_000, inner.get(60, TimeUnit.SECONDS));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spark itself lets a job go on whose thread was interrupted. */
  @Test
  void cancelEndsTheReadingToo() throws Exception {
    reading = new CountDownLatch(1);
    Dataset<Row> slow =
        spark
            .session()
            .range(0, Long.MAX_VALUE / 2, 1, 2)
            .map((MapFunction<Long, Long>) TrainingRunTest::read, Encoders.LONG())
            .selectExpr("value % 5 AS a", "value % 2 AS b");
    Set<Integer> running = new HashSet<>(); // of the listener's thread
    LinkedBlockingQueue<Boolean> allEnded = new LinkedBlockingQueue<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            running.add(start.jobId());
          }

          @Override
          public void onJobEnd(SparkListenerJobEnd end) {
            if (running.remove(end.jobId()) && running.isEmpty()) allEnded.add(true);
          }
        };
    spark.context().sc().addSparkListener(listener);
    try {
      TrainingRun run =
          SparkTrainer.of(() -> new Linear(1, 2))
              .loss(Losses::crossEntropy)
              .optimizer(new SGD(0.1))
              .features("a")
              .label("b")
              .start(slow);
      reading.await();
      assertEquals("TrainingRun(reading rows)", run.toString());
      run.cancel();
      assertThrows(TrainingException.class, run::await);
      assertTrue(allEnded.take());
    } finally {
      spark.context().sc().removeSparkListener(listener);
    }
  }

  private static long read(long row) {
    reading.countDown();
    return row;
  }

  @Test
  void aRunThatCannotStartSaysSoInAwait() {
    TrainingRun run = PlainLoop.trainer(2).label("clas").start(data());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, run::await);
    assertTrue(e.getMessage().contains("clas"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> SparkTrainer.of(PlainLoop::model).start(data()));
  }

  @Test
  void itsJobsSayWhatTheyDo() {
    Set<String> descriptions = new ConcurrentSkipListSet<>();
    CountDownLatch trained = new CountDownLatch(1);
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            String text = start.properties().getProperty("spark.job.description", "none");
            descriptions.add(text.replaceFirst("fit \\d+", "fit N"));
            if (text.contains("trains")) trained.countDown();
          }
        };
    spark.context().setJobDescription("mine");
    spark.context().sc().addSparkListener(listener);
    try {
      PlainLoop.trainer(2).validate(PlainLoop.validation(spark.session(), 2)).fit(data());
      assertTrue(awaits(trained));
      assertEquals("mine", spark.context().getLocalProperty("spark.job.description"));
      assertEquals(Set.of(), spark.context().getJobTags());
    } finally {
      spark.context().sc().removeSparkListener(listener);
      spark.context().setJobDescription(null);
    }
    assertEquals(
        new TreeSet<>(
            Set.of(
                "sparkgrad fit N of 'class': reads the rows",
                "sparkgrad fit N of 'class': reads the validation rows",
                "sparkgrad fit N of 'class': trains 3 epochs on 331 rows")),
        descriptions);
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void itsEpochsArePrintedAndItsResultCanBeShown() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    TrainingResult result;
    try {
      result =
          PlainLoop.trainer(2)
              .validate(PlainLoop.validation(spark.session(), 2))
              .metric("accuracy", Metrics::accuracy)
              .printEpochs()
              .fit(data());
    } finally {
      System.setOut(console);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals("     epoch        loss  validation loss    accuracy", lines.get(0));
    assertEquals(4, lines.size());
    assertEquals(4, result.table().lines().count());
    assertTrue(result.svg().startsWith("<svg "));
    assertTrue(result.html().contains("validation loss"));

    Dataset<Row> test = PlainLoop.validation(spark.session(), 2);
    ConfusionMatrix matrix = result.confusionMatrix(test);
    assertEquals(List.of("0", "1", "2"), matrix.classes());
    assertEquals(
        PlainLoop.VALIDATION_ROWS,
        Arrays.stream(matrix.counts()).flatMapToLong(Arrays::stream).sum());
    assertEquals(result.metrics().get("accuracy").get(2), matrix.accuracy(), 1e-12);
  }

  @Test
  void aCopyElsewhereSaysThatItIsEmpty() throws Exception {
    TrainingRun run = PlainLoop.trainer(2).start(data());
    run.await();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(run);
    }
    TrainingRun copy;
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (TrainingRun) in.readObject();
    }
    assertEquals("TrainingRun(elsewhere)", copy.toString());
    assertThrows(IllegalStateException.class, copy::progress);
  }
}
