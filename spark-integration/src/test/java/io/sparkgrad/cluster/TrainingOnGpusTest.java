package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedDriver;
import io.sparkgrad.cluster.fitting.Processor;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.Tuple2;

/** Two executors, a GPU each, two tasks on each GPU; the GPUs are emulated. */
@Tag("tools")
class TrainingOnGpusTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.gpus();

  private static final Set<String> BOTH = Set.of("cuda:0", "cuda:1");

  /** Long enough that an executor which comes late has its part in it, or its fault. */
  private static final int MANY = 100_000;

  @BeforeEach
  void bothExecutorsAreThere() throws InterruptedException {
    awaitGpus();
  }

  @Test
  void eachExecutorComputesOnItsOwnGpuAndTheLossIsTheCpus() {
    TrainingResult gpu = trainer().gpu("require").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(BOTH, devices(gpu), gpu.processors()::toString);
    assertEquals(2, gpu.processors().size(), gpu.processors()::toString);
    assertTrue(gpu.processors().get(0).isGpu());

    TrainingResult cpu = trainer().gpu("off").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(Set.of("cpu"), devices(cpu));
    near(cpu.losses(), gpu.losses());
    near(cpu.validationLosses(), gpu.validationLosses());
    near(cpu.metrics().get("accuracy"), gpu.metrics().get("accuracy"));
  }

  /** The emulated GPUs have names of their own, as an H100 and an A100 would. */
  @Test
  void unlikeGpusAreSaidToGiveOtherBits() {
    TrainingResult result = trainer().gpu("require").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(
        "unlike processors computed: Emulated GPU 0, Emulated GPU 1", result.nondeterminism());
  }

  @Test
  void theSameGpusGiveTheSameBits() {
    String once = trainer().gpu("require").fit(PlainLoop.data(spark.session(), 3)).weightsSha256();
    assertEquals(
        once, trainer().gpu("require").fit(PlainLoop.data(spark.session(), 2)).weightsSha256());
  }

  @Test
  void nothingOfARunStaysOnAGpu() {
    trainer().gpu("require").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(Map.of("0", 0L, "1", 0L), usedBytes());
  }

  @Test
  void outOfMemoryNamesTheBatchSizeAndTheNextFitWorks() {
    Loss greedy =
        (output, target) -> {
          if (output.device().ordinal() == 1) Tensor.empty(output.device(), DType.FLOAT32, 1 << 29);
          return Losses.crossEntropy(output, target);
        };
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                trainer()
                    .epochs(MANY)
                    .loss(greedy)
                    .gpu("require")
                    .fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage().matches("(?s)task \\d+ on executor \\d+ failed at step \\d+ of 1700000: .*"),
        e.getMessage());
    assertTrue(
        e.getMessage().endsWith("Lower .batchSize(20), or let fewer tasks share a GPU"),
        e.getMessage());
    assertEquals(BOTH, devices(trainer().gpu("require").fit(PlainLoop.data(spark.session(), 2))));
  }

  @Test
  void aLostGpuEndsItsExecutorAndSparkReplacesIt() throws InterruptedException {
    Set<Long> before = pids();
    Loss losing =
        (output, target) -> {
          if (output.device().ordinal() == 1) {
            Runtime.getRuntime().addShutdownHook(new Thread(TrainingOnGpusTest::linger));
            EmulatedDriver.loseDevice();
          }
          return Losses.crossEntropy(output, target);
        };
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                trainer()
                    .epochs(MANY)
                    .loss(losing)
                    .gpu("require")
                    .fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage()
            .matches("(?s)task \\d+ on executor \\d+ failed at step \\d+ of 1700000: .*cuda:1.*"),
        e.getMessage());
    // At once, as a loop of retries would; with many tasks, for each executor to be sent some.
    trainer().gpu("require").fit(PlainLoop.data(spark.session(), 8));
    awaitGpus();
    Set<Long> after = pids();
    assertEquals(2, after.size(), after::toString);
    before.retainAll(after);
    assertEquals(1, before.size(), "the other executor stays");
    assertEquals(BOTH, devices(trainer().gpu("require").fit(PlainLoop.data(spark.session(), 2))));
  }

  /**
   * Makes an orderly exit of an executor long: it takes no more tasks, but Spark sends them. Costs
   * no time while executors end as they should, without their hooks.
   */
  private static void linger() {
    synchronized (SparkEnv.get().memoryManager()) {
      try {
        Thread.sleep(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static SparkTrainer trainer() {
    return PlainLoop.trainer(4)
        .validate(PlainLoop.validation(spark.session(), 2))
        .metric("accuracy", Metrics::accuracy);
  }

  private static Set<String> devices(TrainingResult result) {
    return result.processors().stream().map(Processor::device).collect(Collectors.toSet());
  }

  private static void near(List<Double> expected, List<Double> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) assertEquals(expected.get(i), actual.get(i), 1e-4);
  }

  /** Bytes in use on the GPUs, by their addresses; of those whose executors run a task now. */
  private static Map<String, Long> usedBytes() {
    Map<String, Long> used = new HashMap<>();
    spark
        .context()
        .parallelize(Collections.nCopies(8, 0), 8)
        .mapToPair(
            i -> {
              String gpu = TaskContext.get().resourcesJMap().get("gpu").addresses()[0];
              return new Tuple2<>(gpu, CudaDevice.of(Integer.parseInt(gpu)).usedBytes());
            })
        .collect()
        .forEach(t -> used.put(t._1(), t._2()));
    return used;
  }

  /** Waits until both GPUs have an executor that takes tasks. */
  private static void awaitGpus() throws InterruptedException {
    for (int i = 0; i < 300; i++) {
      if (usedBytes().size() == 2) return;
      Thread.sleep(200);
    }
    throw new AssertionError("only one executor takes tasks");
  }

  private static Set<Long> pids() {
    return SparkCluster.executors().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
  }
}
