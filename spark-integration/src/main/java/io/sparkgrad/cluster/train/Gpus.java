package io.sparkgrad.cluster.train;

import io.sparkgrad.Device;
import io.sparkgrad.backend.cuda.Cuda;
import io.sparkgrad.backend.cuda.CudaException;
import io.sparkgrad.backend.cuda.CudaOutOfMemoryException;
import io.sparkgrad.backend.cuda.GpuSetting;
import io.sparkgrad.cluster.ps.RunFailedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which GPU a task computes on: the one that Spark gave it. Executors that Spark gave none stay on
 * the CPU, since they may share a machine and would all take its first GPU; only in local mode,
 * where Spark gives no resources, is the first one taken.
 */
final class Gpus {
  private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);

  static final String CONF = "spark.sparkgrad.gpu";

  /** A JVM's property: the number of the GPU to take where Spark gives none. */
  static final String DEVICE = "sparkgrad.gpu.device";

  private static final String RESOURCE = "gpu";
  private static final String EXECUTOR_AMOUNT = "spark.executor.resource.gpu.amount";
  private static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
  private static final String HOW_TO_ASK =
      "Set "
          + EXECUTOR_AMOUNT
          + "=1, "
          + TASK_AMOUNT
          + "=1 (1/n for n tasks that share one) and the script that finds the GPUs: "
          + "spark.worker.resource.gpu.discoveryScript on each standalone worker, "
          + "spark.executor.resource.gpu.discoveryScript on YARN and Kubernetes";

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Gpus() {}

  /** What the trainer says, else the session, else auto. */
  static GpuSetting setting(GpuSetting trainer, SparkSession spark) {
    return trainer != null ? trainer : GpuSetting.of(CONF, spark.conf().get(CONF, "auto"));
  }

  /**
   * Refuses on the driver, before any data is read, what must fail in the tasks.
   *
   * @throws RunFailedException if a GPU is required and Spark gives none, or there is none
   */
  static void check(GpuSetting setting, JavaSparkContext spark) {
    if (setting != GpuSetting.REQUIRE) return;
    if (spark.isLocal()) {
      choose(setting, Given.local(), Cuda::availability);
    } else if (!spark.getConf().contains(TASK_AMOUNT)
        && !spark.getConf().get(EXECUTOR_OPTIONS, "").contains("-D" + DEVICE + "=")) {
      throw required("Spark is not told to give tasks any");
    }
  }

  /** The device of the running task. */
  static Device of(GpuSetting setting, TaskContext task) {
    ResourceInformation given = task.resourcesJMap().get(RESOURCE);
    return choose(
        setting, given == null ? Given.none() : Given.by(given.addresses()), Cuda::availability);
  }

  /**
   * Where a GPU's address comes from.
   *
   * @param address null if there is none
   */
  record Given(String address, String giver) {
    static Given by(String[] addresses) {
      return addresses.length == 0 ? new Given(null, "Spark") : new Given(addresses[0], "Spark");
    }

    static Given none() {
      return isLocal() ? local() : new Given(System.getProperty(DEVICE), DEVICE);
    }

    static Given local() {
      return new Given(System.getProperty(DEVICE, "0"), DEVICE);
    }
  }

  /** In local mode the driver is the executor. */
  static boolean isLocal() {
    return SparkEnv.get().executorId().equals("driver");
  }

  static Device choose(GpuSetting setting, Given given, Supplier<Cuda.Availability> look) {
    if (setting == GpuSetting.OFF) return Device.CPU;
    if (given.address() == null) return cpu(setting, "Spark gave this executor's tasks none");
    Cuda.Availability found = look.get();
    if (!found.present()) return cpu(setting, found.reason());
    return Device.cuda(ordinal(given, found.devices()));
  }

  /* An address is CUDA's number, unless the cluster manager hides the other GPUs: then the only one is 0. */
  private static int ordinal(Given given, int devices) {
    if (given.address().matches("\\d{1,9}")) {
      int n = Integer.parseInt(given.address());
      if (n < devices) return n;
    }
    if (devices == 1 && given.giver().equals("Spark")) return 0;
    throw new RunFailedException(
        "%s gave the task GPU '%s', but this process sees %s: %s"
            .formatted(
                given.giver(),
                given.address(),
                devices == 1
                    ? "one GPU, number 0"
                    : devices + " GPUs, numbers 0 to " + (devices - 1),
                given.giver().equals("Spark")
                    ? "the discovery script must print nvidia-smi's numbers, and CUDA_VISIBLE_DEVICES hide none of them"
                    : "set another number"));
  }

  private static Device cpu(GpuSetting setting, String reason) {
    if (setting == GpuSetting.REQUIRE) throw required(reason);
    if (SAID.add(reason)) LOG.info("no GPU: training on the CPU ({})", reason);
    return Device.CPU;
  }

  private static RunFailedException required(String reason) {
    return new RunFailedException(
        "%s=require, but no GPU can be used: %s. %s; or set %s=auto to train on the CPU"
            .formatted(CONF, reason, HOW_TO_ASK, CONF));
  }

  /** What a user needs to read of an error in a step. */
  static String text(Throwable e, int batchSize) {
    if (e instanceof CudaOutOfMemoryException)
      return e.getMessage()
          + "\nLower .batchSize("
          + batchSize
          + "), or let fewer tasks share a GPU";
    boolean ours = e instanceof RunFailedException || e instanceof CudaException;
    return ours ? e.getMessage() : e.toString();
  }

  /**
   * Ends an executor whose GPU is lost: only a new process can use it again, and Spark starts one.
   * The driver must know the reason by now. In local mode, where the executor is the user's own
   * process, does nothing.
   */
  static void endExecutor(Throwable lost) {
    if (isLocal()) return;
    LOG.error("the GPU is lost: this executor ends, so that Spark starts another", lost);
    // At once: while an orderly exit runs its hooks, Spark still sends tasks, each is refused, and
    // after four refusals of a task the next fit would end, too. Hooks may also wait for the GPU.
    Runtime.getRuntime().halt(1);
  }

  /** Whether this process can use its GPU no more. */
  static boolean isLost(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause())
      if (e instanceof CudaException c && c.isFatal()) return true;
    return false;
  }
}
