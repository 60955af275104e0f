package io.sparkgrad.spark;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
  /** Two executors of one core and 1 GiB, each a JVM of its own. */
  private static final String PROCESSES = "local-cluster[2,1,1024]";

  private static SparkSession running; // guarded by the class
  private static String runningMaster;

  private final String master;

  private SparkCluster(String master) {
    this.master = master;
  }

  /** Two threads in this JVM: starts in seconds. */
  public static SparkCluster local() {
    return new SparkCluster("local[2]");
  }

  /** Two executor processes: a real cluster, whose executors can be killed. */
  public static SparkCluster processes() {
    return new SparkCluster(PROCESSES);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    boolean tagged = context.getTags().contains("cluster");
    if (tagged != master.equals(PROCESSES))
      throw new IllegalStateException(
          "@Tag(\"cluster\") belongs to SparkCluster.processes(), and to it alone");
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SparkCluster.class))
        .getOrComputeIfAbsent("stop", key -> (AutoCloseable) SparkCluster::stop);
    start(master);
  }

  public SparkSession session() {
    return start(master);
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

  private static synchronized SparkSession start(String master) {
    if (master.equals(runningMaster)) return running;
    stop();
    running =
        SparkSession.builder()
            .master(master)
            .appName("sparkgrad tests")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 4)
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            // No job starts before both executors are there.
            .config("spark.cores.max", 2)
            .config("spark.scheduler.minRegisteredResourcesRatio", 1.0)
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .getOrCreate();
    runningMaster = master;
    return running;
  }

  private static synchronized void stop() {
    if (running != null) running.stop();
    running = null;
    runningMaster = null;
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
