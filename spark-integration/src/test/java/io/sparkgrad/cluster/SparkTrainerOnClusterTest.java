package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ps.Resets;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.LAMB;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training over two executor processes. */
@Tag("cluster")
class SparkTrainerOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  @Test
  void trainsToTheBitsOfAPlainLoop() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 3);
    float[] expected = PlainLoop.train(4);
    boolean shared = false;
    /* On a busy machine the first executor may be done before Spark has started a task on the second. */
    for (int fit = 0; fit < 10 && !shared; fit++) {
      TrainingResult result = PlainLoop.trainer(4).fit(data);
      assertArrayEquals(expected, new FlatParameters(result.model()).toFloats());
      shared = result.wireBytes() > 0;
    }
    assertTrue(shared, "no fit was shared by two executors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"duplicate", "reset"})
  void theBitsStayWhenMessagesComeTwiceOrConnectionsBreak(String chaos) {
    spark.session().conf().set("spark.sparkgrad.chaos", chaos);
    try {
      TrainingResult result = PlainLoop.trainer(3).fit(PlainLoop.data(spark.session(), 2));
      assertArrayEquals(PlainLoop.train(3), new FlatParameters(result.model()).toFloats());
    } finally {
      spark.session().conf().unset("spark.sparkgrad.chaos");
    }
  }

  @Test
  void twentyConnectionsThatAreResetChangeNoBit() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    int epochs = 20;
    float[] expected = PlainLoop.train(3, epochs * (long) PlainLoop.STEPS_PER_EPOCH);
    long before = resets();
    spark.session().conf().set("spark.sparkgrad.chaos", "reset");
    try {
      int fits = 0;
      for (; fits == 0 || resets() - before < 20 && fits < 10; fits++) {
        TrainingResult result = PlainLoop.trainer(3).epochs(epochs).fit(data);
        assertArrayEquals(expected, new FlatParameters(result.model()).toFloats());
      }
      long counted = resets() - before;
      System.out.printf("%d connections reset in %d fits%n", counted, fits);
      assertTrue(counted >= 20, counted + " resets");
    } finally {
      spark.session().conf().unset("spark.sparkgrad.chaos");
    }
  }

  /** In the driver and the executors. */
  private static long resets() {
    Map<String, Long> counts = new HashMap<>(Map.of("driver", Resets.ofThisJvm()));
    List<Integer> tasks = List.of(0, 1, 2, 3, 4, 5, 6, 7);
    spark
        .context()
        .parallelize(tasks, tasks.size())
        .map(i -> new SimpleEntry<>(SparkEnv.get().executorId(), Resets.ofThisJvm()))
        .collect()
        .forEach(e -> counts.put(e.getKey(), e.getValue()));
    return counts.values().stream().mapToLong(n -> n).sum();
  }

  @Test
  void aModelLargerThanTheExecutorsHeapIsRefusedBeforeAnythingIsRead() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                SparkTrainer.of(() -> new Linear(3, 8_000_000))
                    .loss(Losses::crossEntropy)
                    .optimizer(new SGD(0.1))
                    .features("x")
                    .label("class")
                    .fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage().matches("32,000,000 parameters need .* Set spark.executor.memory=\\d+m .*"),
        e.getMessage());
  }

  /** Needs more memory than an executor has, as soon as it computes there. */
  private static final class Large extends Module {
    private static final long serialVersionUID = 1L;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);

    @Override
    public Tensor forward(Tensor x) {
      long[][] memory = new long[TaskContext.get() == null ? 0 : 16][];
      for (int i = 0; i < memory.length; i++) memory[i] = new long[1 << 24]; // 128 MB
      return linear.forward(x);
    }
  }

  @Test
  void anExecutorThatRunsOutOfMemoryIsNamedWithThatCause() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    var e = assertThrows(TrainingException.class, () -> PlainLoop.trainer(2, Large::new).fit(data));
    assertTrue(
        e.getMessage().matches("(?s)task \\d+ on executor \\d+ failed.*OutOfMemoryError.*"),
        e.getMessage());
  }

  /** Of a model with two inputs and two outputs, buffers and random masks. */
  @Test
  void aKilledExecutorChangesNoBit() {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2);
    int epochs = 40;
    boolean[] killed = {false};
    List<Integer> heard = new ArrayList<>();
    TrainingResult result =
        TwoInputs.trainer(4)
            .epochs(epochs)
            .onEpoch(
                epoch -> {
                  if (!killed[0]) SparkCluster.kill(SparkCluster.executors().get(0));
                  killed[0] = true;
                  heard.add(epoch.number());
                })
            .fit(data);
    assertEquals(TwoInputs.expected(4, epochs), Normed.state(result.model()));
    assertEquals(IntStream.rangeClosed(1, epochs).boxed().toList(), heard);
  }

  /** By a rule that goes by norms of gradients and weights. */
  @Test
  void aKilledExecutorChangesNoNorm() {
    Optimizer rule = new LAMB(0.02).clipNorm(0.1);
    int epochs = 40;
    boolean[] killed = {false};
    TrainingResult result =
        PlainLoop.trainer(4, Normed::model)
            .optimizer(rule)
            .epochs(epochs)
            .onEpoch(
                epoch -> {
                  if (!killed[0]) SparkCluster.kill(SparkCluster.executors().get(0));
                  killed[0] = true;
                })
            .fit(PlainLoop.data(spark.session(), 2));
    assertEquals(
        Normed.state(PlainLoop.train(4, epochs, Normed::model, rule)),
        Normed.state(result.model()));
  }
}
