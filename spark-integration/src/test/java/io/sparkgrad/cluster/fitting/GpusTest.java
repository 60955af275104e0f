package io.sparkgrad.cluster.fitting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Device;
import io.sparkgrad.backend.Use;
import io.sparkgrad.backend.cuda.Cuda;
import io.sparkgrad.cluster.ps.RunFailedException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The choice of a task's device, without a GPU. */
class GpusTest {
  @Test
  void offNeverLooks() {
    assertEquals(Device.CPU, Gpus.choose(Use.OFF, spark("0"), GpusTest::neverLooked));
  }

  @Test
  void theAddressIsTheNumber() {
    assertEquals(Device.cuda(1), Gpus.choose(Use.AUTO, spark("1"), gpus(2)));
    assertEquals(Device.cuda(0), Gpus.choose(Use.REQUIRE, spark("0", "1"), gpus(2)));
  }

  @Test
  void theOnlyGpuThatAContainerSeesIsTakenWhateverItsAddress() {
    assertEquals(Device.cuda(0), Gpus.choose(Use.REQUIRE, spark("3"), gpus(1)));
    assertEquals(Device.cuda(0), Gpus.choose(Use.AUTO, spark("GPU-8f2a"), gpus(1)));
  }

  @Test
  void anAddressBeyondTheGpusSeenIsAnError() {
    assertEquals(
        "Spark gave the task GPU '2', but this process sees 2 GPUs, numbers 0 to 1: the discovery"
            + " script must print nvidia-smi's numbers, and CUDA_VISIBLE_DEVICES hide none of them",
        refused(Use.AUTO, spark("2"), gpus(2)));
    assertEquals(
        "sparkgrad.gpu.device gave the task GPU '4', but this process sees one GPU, number 0:"
            + " set another number",
        refused(Use.AUTO, new Gpus.GpuAddress("4", Gpus.DEVICE), gpus(1)));
  }

  @Test
  void anExecutorThatSparkGaveNoGpuStaysOnTheCpuAndDoesNotLook() {
    assertEquals(Device.CPU, Gpus.choose(Use.AUTO, spark(), GpusTest::neverLooked));
  }

  @Test
  void requireSaysWhyNotAndWhatToSet() {
    String text = refused(Use.REQUIRE, spark(), gpus(2));
    assertTrue(
        text.startsWith(
            "spark.sparkgrad.gpu=require, but no GPU can be used: Spark gave this executor's tasks"
                + " none. "),
        text);
    for (String setting :
        List.of(
            "spark.executor.resource.gpu.amount=1",
            "spark.task.resource.gpu.amount=1",
            "spark.worker.resource.gpu.discoveryScript",
            "spark.executor.resource.gpu.discoveryScript",
            "spark.sparkgrad.gpu=auto")) assertTrue(text.contains(setting), text);
  }

  @Test
  void withoutADriverAutoComputesOnTheCpuAndRequireTellsTheReason() {
    Supplier<Cuda.Availability> none = () -> new Cuda.Availability(false, "no libcuda.so.1", 0);
    assertEquals(Device.CPU, Gpus.choose(Use.AUTO, spark("0"), none));
    assertTrue(
        refused(Use.REQUIRE, spark("0"), none)
            .startsWith("spark.sparkgrad.gpu=require, but no GPU can be used: no libcuda.so.1. "));
  }

  private static Gpus.GpuAddress spark(String... addresses) {
    return Gpus.GpuAddress.by(addresses);
  }

  private static Supplier<Cuda.Availability> gpus(int n) {
    return () -> new Cuda.Availability(true, n + " GPUs", n);
  }

  private static Cuda.Availability neverLooked() {
    throw new AssertionError("looked for a GPU");
  }

  private static String refused(
      Use setting, Gpus.GpuAddress given, Supplier<Cuda.Availability> look) {
    return assertThrows(RunFailedException.class, () -> Gpus.choose(setting, given, look))
        .getMessage();
  }
}
