package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedDriver;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two executors, a GPU each, two tasks on each GPU; the GPUs are emulated. */
@Tag("tools")
class TrainingOnGpusTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.gpus();

  @Test
  void eachExecutorComputesOnItsOwnGpuAndTheLossIsTheCpus() {
    TrainingResult gpu = trainer().gpu("require").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(Set.of("cuda:0", "cuda:1"), devices(gpu), gpu.processors()::toString);
    assertEquals(2, gpu.processors().size(), gpu.processors()::toString);
    assertTrue(gpu.processors().get(0).isGpu());
    assertEquals("", gpu.nondeterminism());

    TrainingResult cpu = trainer().gpu("off").fit(PlainLoop.data(spark.session(), 3));
    assertEquals(Set.of("cpu"), devices(cpu));
    near(cpu.losses(), gpu.losses());
    near(cpu.validationLosses(), gpu.validationLosses());
    near(cpu.metrics().get("accuracy"), gpu.metrics().get("accuracy"));
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
    assertEquals(Set.of(0L), Set.copyOf(usedBytes()));
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
            () -> trainer().loss(greedy).gpu("require").fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage().matches("(?s)task \\d+ on executor \\d+ failed at step 0 of 51: .*"),
        e.getMessage());
    assertTrue(
        e.getMessage().endsWith("Lower .batchSize(20), or let fewer tasks share a GPU"),
        e.getMessage());
    assertEquals(
        Set.of("cuda:0", "cuda:1"),
        devices(trainer().gpu("require").fit(PlainLoop.data(spark.session(), 2))));
  }

  @Test
  void aLostGpuEndsItsExecutorAndSparkReplacesIt() throws InterruptedException {
    Set<Long> before = pids();
    Loss losing =
        (output, target) -> {
          if (output.device().ordinal() == 1) EmulatedDriver.loseDevice();
          return Losses.crossEntropy(output, target);
        };
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> trainer().loss(losing).gpu("require").fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage().matches("(?s)task \\d+ on executor \\d+ failed at step 0 of 51: .*cuda:1.*"),
        e.getMessage());
    Set<Long> after = awaitTwoOthers(before);
    before.retainAll(after);
    assertEquals(1, before.size(), "the other executor stays");
    assertEquals(
        Set.of("cuda:0", "cuda:1"),
        devices(trainer().gpu("require").fit(PlainLoop.data(spark.session(), 2))));
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

  /** Bytes in use on the GPU of each task's executor. */
  private static List<Long> usedBytes() {
    return spark
        .context()
        .parallelize(Collections.nCopies(8, 0), 8)
        .map(
            i -> {
              String gpu = TaskContext.get().resourcesJMap().get("gpu").addresses()[0];
              return CudaDevice.of(Integer.parseInt(gpu)).usedBytes();
            })
        .collect();
  }

  private static Set<Long> pids() {
    return SparkCluster.executors().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  private static Set<Long> awaitTwoOthers(Set<Long> before) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      Set<Long> now = pids();
      if (now.size() == 2 && !now.equals(before)) return now;
      Thread.sleep(100);
    }
    throw new AssertionError("no executor was replaced: " + new ArrayList<>(before));
  }
}
