package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.closure.Closures;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.optim.LinearLR;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.optim.Schedule;
import io.sparkgrad.optim.SequentialLR;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Timer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The user's lambdas as a shell makes them: they capture the cell, which holds all it defined. */
@Tag("cluster")
class ClosuresTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  /** As the REPL wraps a cell: values are fields, and lambdas capture them all. */
  static final class Cell implements Serializable {
    private static final long serialVersionUID = 1;

    final int classes = 3;
    final double half = 0.5;
    Object neighbour;
    SparkTrainer trainer;
    TrainingResult result;
    TrainedModel loaded;
    Loss loss;
    Schedule schedule;

    void define() {
      loss = (output, target) -> new Loss.Value(sum(output, target), target.numel() * half);
      schedule = (lr, done) -> lr * half;
      trainer =
          SparkTrainer.of(() -> new Linear(PlainLoop.WIDTH, classes))
              .loss(loss)
              .optimizer(new SGD(0.05).schedule(schedule))
              .features("x")
              .label("class")
              .rowOrder("row")
              .workers(4)
              .metric("accuracy", (o, t) -> classes == 3 ? Metrics.accuracy(o, t) : null);
    }

    private Tensor sum(Tensor output, Tensor target) {
      return Losses.crossEntropy(output, target).sum();
    }

    Schedule warmed() {
      return new LinearLR().followedBy((lr, done) -> lr * half, 3);
    }

    TrainedModel load(String path) {
      return TrainedModel.load(() -> new Linear(PlainLoop.WIDTH, classes), path);
    }
  }

  private final Dataset<Row> data = PlainLoop.data(spark.session(), 2);

  @Test
  void aLambdaMayReachTheTrainerAndTheResultThatHoldIt(@TempDir Path folder) throws Exception {
    Cell cell = new Cell();
    cell.define();
    cell.trainer.validate(PlainLoop.validation(spark.session(), 2));
    cell.result = cell.trainer.fit(data);
    String first = cell.result.weightsSha256();
    assertEquals(PlainLoop.ROWS, cell.result.classify(data).count());
    cell.result = cell.trainer.fit(data); // now the lambdas reach a result, too
    assertEquals(first, cell.result.weightsSha256());
    cell.result.save(folder.resolve("m.safetensors").toString());
    cell.loaded = cell.load(folder.resolve("m.safetensors").toString());
    assertEquals(PlainLoop.ROWS, cell.loaded.predict(data).count());
    assertEquals(PlainLoop.ROWS, cell.result.predict(data).count());
    Cell sent = copy(cell);
    float[] weights = new FlatParameters(cell.result.model()).toFloats();
    assertArrayEquals(weights, new FlatParameters(sent.result.model()).toFloats());
    assertArrayEquals(weights, new FlatParameters(sent.loaded.model()).toFloats());
  }

  /** So that a lambda among them is cleaned of its cell, as one alone is. */
  @Test
  void aScheduleOfSchedulesIsSentInItsParts() {
    Optimizer rule = new SGD(0.1).schedule(new Cell().warmed());
    SequentialLR sent = (SequentialLR) Closures.here().optimizer(rule).schedule();
    assertEquals(new LinearLR(), sent.schedules().get(0));
    Schedule lambda = sent.schedules().get(1);
    assertNotEquals(((SequentialLR) rule.schedule()).schedules().get(1), lambda);
    assertEquals("SentSchedule", lambda.getClass().getSimpleName());
    assertEquals(0.05, lambda.at(0.1, 0));
  }

  private static Cell copy(Cell cell) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(cell);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (Cell) in.readObject();
    }
  }

  @Test
  void whatCannotBeSentIsNamedBeforeTheDataIsRead() {
    Cell cell = new Cell();
    cell.define();
    cell.neighbour = new Timer(true);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> cell.trainer.fit(data));
    assertTrue(
        e.getMessage()
            .startsWith(
                "the model cannot be sent to the executors: it uses 'neighbour', a java.util.Timer, which is not serializable: "),
        e.getMessage());
    Timer captured = new Timer(true);
    ModelSupplier model =
        () -> {
          captured.purge();
          return PlainLoop.model();
        };
    e = assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(2, model).fit(data));
    assertTrue(
        e.getMessage()
            .startsWith(
                "the model cannot be sent to the executors: it uses a java.util.Timer, which is not serializable: "),
        e.getMessage());
  }

  /** As a cell with an object, which scalac makes at its first use and leaves in a field. */
  static final class ObjectCell implements Serializable {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private Object made;

    Linear model() {
      if (made == null) made = new Timer(true);
      return new Linear(PlainLoop.WIDTH, 3);
    }
  }

  /** As Spark's own calls: the driver's use of a captured object must not reach what is sent. */
  @Test
  void whatALambdaMakesOfWhatItCapturedStaysWhereItIs() {
    ObjectCell cell = new ObjectCell();
    SparkTrainer trainer = PlainLoop.trainer(2, () -> cell.model());
    TrainingResult result = trainer.fit(data);
    assertEquals(result.weightsSha256(), trainer.fit(data).weightsSha256());
    assertEquals(PlainLoop.ROWS, result.predict(data).count());
  }

  /** A rule of the user's that takes no other schedule is sent as it is. */
  static final class Fixed extends Optimizer {
    private static final long serialVersionUID = 1;
    private final double half = 0.5;
    private final Schedule schedule = (lr, done) -> lr * half;

    @Override
    public double lr() {
      return 0.1;
    }

    @Override
    public Schedule schedule() {
      return schedule;
    }

    @Override
    public List<String> slots() {
      return List.of();
    }

    @Override
    protected void update(int n, double[] w, double[] g, double[][] s, long step, double lr) {
      for (int i = 0; i < n; i++) w[i] -= lr * g[i];
    }
  }

  @Test
  void aRuleOfTheUsersThatTakesNoOtherScheduleIsSentAsItIs() {
    double expected = last(PlainLoop.trainer(2).optimizer(new SGD(0.05)).fit(data));
    assertEquals(expected, last(PlainLoop.trainer(2).optimizer(new Fixed()).fit(data)), 1e-4);
  }

  private static double last(TrainingResult result) {
    return result.losses().get(result.losses().size() - 1);
  }
}
