package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.backend.Use;
import io.sparkgrad.backend.cuda.Cuda;
import io.sparkgrad.backend.cuda.CudaException;
import io.sparkgrad.backend.cuda.CudaOutOfMemoryException;
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
 * Chooses the GPU of a task: the one that Spark gave it. Executors that Spark gave none stay on the
 * CPU, since they may share a machine and would all take its first GPU; only in local mode, where
 * Spark gives no resources, is the first one taken.
 */
final class Gpus {
  private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);

  static final String CONF = "spark.sparkgrad.gpu";

  /** JVM property: the number of the GPU to take where Spark gives none. */
  static final String DEVICE = "sparkgrad.gpu.device";

  private static final String RESOURCE = "gpu";
  private static final String EXECUTOR_AMOUNT = "spark.executor.resource.gpu.amount";
  private static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
  private static final String HOW_TO_ASK =
      "Set %s=1, %s=1 (1/n for n tasks that share one) and the script that finds the GPUs: spark.worker.resource.gpu.discoveryScript on each standalone worker, spark.executor.resource.gpu.discoveryScript on YARN and Kubernetes"
          .formatted(EXECUTOR_AMOUNT, TASK_AMOUNT);

  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private Gpus() {}

  /** The trainer's setting, else the session's, else auto. */
  static Use setting(Use trainer, SparkSession spark) {
    return trainer != null ? trainer : Use.of(CONF, spark.conf().get(CONF, "auto"));
  }

  /**
   * Refuses on the driver, before any data is read, what must fail in the tasks.
   *
   * @throws RunFailedException if a GPU is required and Spark gives none, or there is none
   */
  static void check(Use setting, JavaSparkContext spark) {
    if (setting != Use.REQUIRE) return;
    if (spark.isLocal()) {
      choose(setting, GpuAddress.local(), Cuda::availability);
    } else if (!spark.getConf().contains(TASK_AMOUNT)
        && !spark.getConf().get(EXECUTOR_OPTIONS, "").contains("-D" + DEVICE + "=")) {
      throw required("Spark is not told to give tasks any");
    }
  }

  /** The device of the running task. */
  static Device of(Use setting, TaskContext task) {
    ResourceInformation gpu = task.resourcesJMap().get(RESOURCE);
    return choose(
        setting,
        gpu == null ? GpuAddress.none() : GpuAddress.by(gpu.addresses()),
        Cuda::availability);
  }

  /**
   * A GPU's address and where it comes from.
   *
   * @param address CUDA's number, or the cluster manager's name; null: there is no GPU
   * @param source Spark, or the property that gives the number
   */
  record GpuAddress(String address, String source) {
    static GpuAddress by(String[] addresses) {
      return addresses.length == 0
          ? new GpuAddress(null, "Spark")
          : new GpuAddress(addresses[0], "Spark");
    }

    static GpuAddress none() {
      return isLocal() ? local() : new GpuAddress(System.getProperty(DEVICE), DEVICE);
    }

    static GpuAddress local() {
      return new GpuAddress(System.getProperty(DEVICE, "0"), DEVICE);
    }
  }

  /** Whether this is local mode, where the driver is the executor. */
  static boolean isLocal() {
    return SparkEnv.get().executorId().equals("driver");
  }

  static Device choose(Use setting, GpuAddress gpu, Supplier<Cuda.Availability> look) {
    if (setting == Use.OFF) return Device.CPU;
    if (gpu.address() == null) return cpu(setting, "Spark gave this executor's tasks none");
    Cuda.Availability found = look.get();
    if (!found.present()) return cpu(setting, found.reason());
    return Device.cuda(ordinal(gpu, found.devices()));
  }

  /* An address is CUDA's number, unless the cluster manager hides the other GPUs: then the only one is 0. */
  private static int ordinal(GpuAddress gpu, int devices) {
    if (gpu.address().matches("\\d{1,9}")) {
      int n = Integer.parseInt(gpu.address());
      if (n < devices) return n;
    }
    if (devices == 1 && gpu.source().equals("Spark")) return 0;
    throw new RunFailedException(
        "%s gave the task GPU '%s', but this process sees %s: %s"
            .formatted(
                gpu.source(),
                gpu.address(),
                devices == 1
                    ? "one GPU, number 0"
                    : devices + " GPUs, numbers 0 to " + (devices - 1),
                gpu.source().equals("Spark")
                    ? "the discovery script must print nvidia-smi's numbers, and"
                        + " CUDA_VISIBLE_DEVICES hide none of them"
                    : "set another number"));
  }

  private static Device cpu(Use setting, String reason) {
    if (setting == Use.REQUIRE) throw required(reason);
    if (LOGGED.add(reason)) LOG.info("no GPU: training on the CPU ({})", reason);
    return Device.CPU;
  }

  private static RunFailedException required(String reason) {
    return new RunFailedException(
        "%s=require, but no GPU can be used: %s. %s; or set %s=auto to train on the CPU"
            .formatted(CONF, reason, HOW_TO_ASK, CONF));
  }

  /** The text of an error in a step, for the user. */
  static String text(Throwable e, int batchSize) {
    if (e instanceof CudaOutOfMemoryException)
      return "%s\nLower .batchSize(%s), or let fewer tasks share a GPU"
          .formatted(e.getMessage(), batchSize);
    boolean ours = e instanceof RunFailedException || e instanceof CudaException;
    return ours ? e.getMessage() : UserError.text(e);
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
