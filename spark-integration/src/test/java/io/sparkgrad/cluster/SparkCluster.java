package io.sparkgrad.cluster;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Spark for a test class, shared by all classes of the JVM that ask for the same kind:
 *
 * <pre>{@code
 * @RegisterExtension static final SparkCluster spark = SparkCluster.local();
 *
 * @Tag("cluster")
 * class FaultTest {
 *   @RegisterExtension static final SparkCluster spark = SparkCluster.processes();
 * }
 * }</pre>
 *
 * <p>A JVM holds one SparkContext, so asking for the other kind stops the running one. {@link
 * ClusterLast} (set in junit-platform.properties) runs the classes tagged {@code cluster} last: the
 * kind changes once. A test leaves nothing persisted and changes no setting of the session; it may
 * kill executors, Spark starts new ones. The last context stops when the tests end.
 */
public final class SparkCluster implements BeforeAllCallback {
  private enum Kind {
    LOCAL("local[2]", ""),
    PROCESSES("local-cluster[2,1,1024]", "cluster"),
    THREE("local-cluster[3,1,1024]", "cluster"),
    KRYO("local-cluster[2,1,1024]", "cluster"),
    PROMISED_GPUS("local-cluster[2,1,1024]", "cluster"),
    GPUS("local-cluster[2,2,1024]", "tools");

    final String master;
    final String tag;

    Kind(String master, String tag) {
      this.master = master;
      this.tag = tag;
    }

    Map<String, String> settings() {
      if (this == KRYO)
        return Map.of(
            "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
            "spark.kryo.registrationRequired", "true",
            "spark.kryo.registrator", TensorRegistrator.class.getName());
      if (this != GPUS && this != PROMISED_GPUS) return Map.of();
      Map<String, String> settings = new HashMap<>(TwoGpus.settings());
      if (this == GPUS) settings.putAll(TwoGpus.emulated());
      return settings;
    }
  }

  private static SparkSession running; // guarded by the class
  private static Kind runningKind;

  private final Kind kind;

  private SparkCluster(Kind kind) {
    this.kind = kind;
  }

  /** Two threads in this JVM: starts in seconds. */
  public static SparkCluster local() {
    return new SparkCluster(Kind.LOCAL);
  }

  /** Two executor processes: a real cluster, whose executors can be killed. */
  public static SparkCluster processes() {
    return new SparkCluster(Kind.PROCESSES);
  }

  /** As {@link #processes}, of three. */
  public static SparkCluster threeProcesses() {
    return new SparkCluster(Kind.THREE);
  }

  /**
   * As {@link #processes}, with Kryo as Spark's serializer, which takes registered classes only.
   */
  public static SparkCluster kryo() {
    return new SparkCluster(Kind.KRYO);
  }

  /** As {@link #processes}, and Spark gives each task a GPU, which no driver knows of. */
  public static SparkCluster promisedGpus() {
    return new SparkCluster(Kind.PROMISED_GPUS);
  }

  /** Two executor processes of two cores, whose two tasks share an emulated GPU; needs g++. */
  public static SparkCluster gpus() {
    return new SparkCluster(Kind.GPUS);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Set<String> tags = new HashSet<>(context.getTags());
    tags.retainAll(Set.of("cluster", "tools"));
    if (!tags.equals(kind.tag.isEmpty() ? Set.of() : Set.of(kind.tag)))
      throw new IllegalStateException(
          kind + " belongs to @Tag(\"" + kind.tag + "\"), and to it alone");
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SparkCluster.class))
        .getOrComputeIfAbsent("stop", key -> (AutoCloseable) SparkCluster::stop);
    start(kind);
  }

  public SparkSession session() {
    return start(kind);
  }

  public JavaSparkContext context() {
    return new JavaSparkContext(session().sparkContext());
  }

  /** The executors' processes that are alive now. */
  public static List<ProcessHandle> executors() {
    // By the program alone: Linux hides a command line as long as an executor's class path.
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** Kills an executor as a lost machine would, and returns when its process is gone. */
  public static void kill(ProcessHandle executor) {
    executor.destroyForcibly();
    executor.onExit().join();
  }

  /** Waits until both executors keep blocks: a new one takes some seconds after a {@link #kill}. */
  public void awaitBoth() throws InterruptedException {
    int withDriver = 3;
    while (session().sparkContext().getExecutorMemoryStatus().size() != withDriver)
      Thread.sleep(50);
  }

  private static synchronized SparkSession start(Kind kind) {
    if (kind == runningKind) return running;
    stop();
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(kind.master)
            .appName("sparkgrad tests")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 4)
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            // No job starts before both executors are there.
            .config("spark.cores.max", kind == Kind.GPUS ? 4 : 2)
            .config("spark.scheduler.minRegisteredResourcesRatio", 1.0)
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    kind.settings().forEach(builder::config);
    running = builder.getOrCreate();
    runningKind = kind;
    return running;
  }

  private static synchronized void stop() {
    if (running != null) running.stop();
    running = null;
    runningKind = null;
  }

  /** Classes tagged {@code cluster} after all others; by name within both. */
  public static final class ClusterLast implements ClassOrderer {
    @Override
    public void orderClasses(ClassOrdererContext context) {
      context
          .getClassDescriptors()
          .sort(
              Comparator.<ClassDescriptor, Boolean>comparing(ClusterLast::isCluster)
                  .thenComparing(c -> c.getTestClass().getName()));
    }

    private static boolean isCluster(ClassDescriptor c) {
      Optional<Tag> tag =
          c.findRepeatableAnnotations(Tag.class).stream()
              .filter(t -> t.value().equals("cluster"))
              .findAny();
      return tag.isPresent();
    }
  }
}
