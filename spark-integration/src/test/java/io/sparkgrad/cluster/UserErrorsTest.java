package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.UserCode;
import io.sparkgrad.nn.Metrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exceptions of the user's code, whoever threw them, and interruptions, as fit throws them. */
class UserErrorsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  private static final int SCREEN = 40;

  @AfterEach
  void nothingStaysPersisted() {
    assertFalse(Thread.currentThread().isInterrupted());
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  private static Dataset<Row> data() {
    return PlainLoop.data(spark.session(), 2);
  }

  private static TrainingException failure(SparkTrainer trainer, Dataset<Row> data) {
    TrainingException e = assertThrows(TrainingException.class, () -> trainer.fit(data));
    StringWriter printed = new StringWriter();
    e.printStackTrace(new PrintWriter(printed));
    String text = printed.toString();
    assertTrue(text.lines().count() <= SCREEN, text);
    assertEquals(0, e.getSuppressed().length);
    assertTrue(
        e.getStackTrace()[0].getClassName().startsWith(UserErrorsTest.class.getName()), text);
    return e;
  }

  /** Class, text and own line are in the message, once, and the exception itself is the cause. */
  private static void assertCause(
      Class<? extends Throwable> type, String text, TrainingException e) {
    String all = e.getMessage();
    assertTrue(all.contains(type.getName() + ": " + text + " (at com.example.UserCode"), all);
    assertEquals(all.indexOf(text), all.lastIndexOf(text), all);
    assertInstanceOf(type, e.getCause());
    assertEquals(text, e.getCause().getMessage());
    assertTrue(
        Arrays.stream(e.getCause().getStackTrace())
            .anyMatch(f -> f.getClassName().startsWith("com.example.UserCode")));
    assertTrue(
        Arrays.stream(e.getCause().getStackTrace())
            .noneMatch(f -> f.getClassName().startsWith("org.apache.spark.")));
  }

  @Test
  void aLossesCheckedException() {
    SparkTrainer trainer =
        PlainLoop.trainer(2).loss(UserCode.loss(() -> new UserCode.TooOld("row of 1970")));
    TrainingException e = failure(trainer, data());
    assertCause(UserCode.TooOld.class, "row of 1970", e);
    assertTrue(e.getMessage().contains("epoch 1, step 0, worker "), e.getMessage());
  }

  @Test
  void aMetricsCheckedException() {
    SparkTrainer trainer =
        PlainLoop.trainer(2)
            .validate(PlainLoop.validation(spark.session(), 1))
            .metric("age", UserCode.metric(() -> new IOException("no such age")));
    TrainingException e = failure(trainer, data());
    assertCause(IOException.class, "no such age", e);
    assertTrue(e.getMessage().contains("validation set after epoch 1, worker "), e.getMessage());
  }

  @Test
  void aModelSuppliersExceptionInATask() {
    SparkTrainer trainer =
        PlainLoop.trainer(
            2, UserCode.supplier(PlainLoop::model, () -> new UserCode.TooOld("not here")));
    assertCause(UserCode.TooOld.class, "not here", failure(trainer, data()));
  }

  @Test
  void anExceptionThatCannotBeSent() {
    SparkTrainer trainer =
        PlainLoop.trainer(2).loss(UserCode.loss(() -> new UserCode.Unsendable("lost on the way")));
    TrainingException e = failure(trainer, data());
    assertTrue(e.getMessage().contains("UserCode$Unsendable: lost on the way (at com.example"));
    assertEquals("com.example.UserCode$Unsendable: lost on the way", e.getCause().getMessage());
    assertTrue(e.getCause().getStackTrace()[1].getClassName().startsWith("com.example.UserCode"));
  }

  @Test
  void aFaultBelowSixtyCallsFitsOnAScreen() {
    SparkTrainer trainer = PlainLoop.trainer(2, () -> new UserCode.Deep(PlainLoop.model()));
    assertCause(ArithmeticException.class, "too deep", failure(trainer, data()));
  }

  @Test
  void whatATaskCannotDeserializeIsNamedAsIs() {
    String text = "what you see is not what I wrote";
    TrainingException e =
        failure(
            PlainLoop.trainer(2).loss(new UserCode.Unreadable(() -> new IOException(text))),
            data());
    assertTrue(e.getMessage().contains("what you see is not what I wrote"), e.getMessage());
    Throwable cause = e;
    while (cause.getCause() != null) cause = cause.getCause();
    assertEquals("what you see is not what I wrote", cause.getMessage());
  }

  /** Then Spark has no exception for the driver, but a text with a stack. */
  @Test
  void whatATaskCannotDeserializeIsNamedWhereTheExceptionCannotBeSentEither() {
    TrainingException e =
        failure(
            PlainLoop.trainer(2)
                .loss(new UserCode.Unreadable(() -> new UserCode.Unsendable("lost on the way"))),
            data());
    assertTrue(e.getMessage().contains("UserCode$Unsendable: lost on the way"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void aListenersException() {
    SparkTrainer trainer =
        PlainLoop.trainer(2)
            .onEpoch(
                e -> {
                  if (e.number() == 2)
                    UserCode.undeclared(
                        () -> {
                          throw new UserCode.TooOld("I have seen enough");
                        });
                });
    TrainingException e = failure(trainer, data());
    assertTrue(
        e.getMessage()
            .startsWith(
                "onEpoch failed after epoch 2: com.example.UserCode$TooOld: I have seen enough"),
        e.getMessage());
    assertInstanceOf(UserCode.TooOld.class, e.getCause());
    AssertionError error = new AssertionError("a test's");
    assertEquals(
        error,
        assertThrows(
            AssertionError.class,
            () ->
                PlainLoop.trainer(2)
                    .onEpoch(
                        x -> {
                          throw error;
                        })
                    .fit(data())));
  }

  @Test
  void aFailingSourceKeepsItsCause() {
    UDF1<Long, Long> old =
        row -> {
          if (row == 12) UserCode.undeclared(new UserCode.TooOld("row 12"));
          return row;
        };
    Dataset<Row> bad =
        data()
            .withColumn(
                "class", functions.udf(old, DataTypes.LongType).apply(functions.col("row")).mod(3));
    TrainingException e = failure(PlainLoop.trainer(2), bad);
    assertTrue(e.getMessage().startsWith("the rows cannot be read: "), e.getMessage());
    assertInstanceOf(UserCode.TooOld.class, e.getCause());
    SparkTrainer validates = PlainLoop.trainer(2).validate(bad);
    assertInstanceOf(UserCode.TooOld.class, failure(validates, data()).getCause());
    Dataset<Row> zero =
        data().withColumn("class", functions.expr("if(row = 5, raise_error('no five'), class)"));
    TrainingException raised = failure(PlainLoop.trainer(2), zero);
    assertTrue(raised.getMessage().contains("no five"), raised.getMessage());
    assertTrue(raised.getCause() != null);
  }

  @Test
  void anInterruptedFitEndsWithTheFlagSet() {
    SparkTrainer reading = PlainLoop.trainer(2);
    Thread.currentThread().interrupt();
    assertThrows(TrainingException.class, () -> reading.fit(data()));
    assertTrue(Thread.interrupted());
    SparkTrainer training =
        PlainLoop.trainer(2).epochs(1_000_000).onEpoch(e -> Thread.currentThread().interrupt());
    Dataset<Row> data = data();
    TrainingException e = assertThrows(TrainingException.class, () -> training.fit(data));
    assertTrue(Thread.interrupted());
    assertTrue(e.getMessage().startsWith("fit was interrupted at step "), e.getMessage());
  }

  /** A notebook's or a query's stop may come at any moment, and come again while the fit ends. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void interruptsThatGoOnLeaveNothingBehind(boolean whileItReads) throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    SparkTrainer trainer = PlainLoop.trainer(2).epochs(1_000_000).onEpoch(e -> started.countDown());
    Dataset<Row> data = data();
    Thread fit =
        new Thread(
            () -> {
              if (whileItReads) started.countDown();
              thrown.set(assertThrows(RuntimeException.class, () -> trainer.fit(data)));
            });
    fit.start();
    started.await();
    while (fit.isAlive()) {
      fit.interrupt();
      fit.join(1);
    }
    assertInstanceOf(TrainingException.class, thrown.get());
  }

  @Test
  void aStreamingQueryStopsCleanlyWhileItFits() throws Exception {
    CountDownLatch fits = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    VoidFunction2<Dataset<Row>, Long> fit =
        (batch, id) -> {
          try {
            PlainLoop.trainer(2).epochs(1_000_000).onEpoch(e -> fits.countDown()).fit(data());
          } catch (Throwable t) {
            thrown.set(t);
            throw t;
          }
        };
    StreamingQuery query =
        spark
            .session()
            .readStream()
            .format("rate-micro-batch")
            .option("rowsPerBatch", 10)
            .load()
            .writeStream()
            .foreachBatch(fit)
            .start();
    fits.await();
    query.stop();
    assertTrue(thrown.get() != null);
    assertEquals(Optional.empty(), Optional.ofNullable(query.exception().getOrElse(() -> null)));
  }

  @Test
  void theNextFitWorks() {
    SparkTrainer trainer =
        PlainLoop.trainer(2)
            .validate(PlainLoop.validation(spark.session(), 1))
            .metric("accuracy", Metrics::accuracy);
    assertThrows(
        TrainingException.class,
        () -> PlainLoop.trainer(2).loss(UserCode.loss(() -> new IOException("once"))).fit(data()));
    assertEquals(List.of("accuracy"), List.copyOf(trainer.fit(data()).metrics().keySet()));
  }
}
