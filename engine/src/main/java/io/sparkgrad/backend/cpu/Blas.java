package io.sparkgrad.backend.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.io.File;
import java.util.Arrays;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products by netlib over the OpenBLAS that comes with the jar, or by netlib's Java kernels
 * where that cannot be loaded or turns out slow. Chosen once per JVM and said at INFO. Thread-safe;
 * a call uses one thread, since Spark already runs a task a core.
 *
 * <p>netlib binds itself once, on first use, to the library a system property names, and else to
 * whatever libblas the system has, often the slow reference one. So {@link #load} must run before
 * anything else, MLlib too, touches netlib.
 */
public final class Blas {
  private static final Logger LOG = LoggerFactory.getLogger(Blas.class);
  private static final String LIBRARY_PATH = "dev.ludovic.netlib.blas.nativeLibPath";
  /* netlib warns there of each implementation it passes over; what was chosen and why is said here. */
  private static final java.util.logging.Logger NETLIB =
      java.util.logging.Logger.getLogger("dev.ludovic.netlib.blas.InstanceBuilder");
  private static final int PROBE = 256; // 2·256³ flops: 0.5 ms at 60 GFLOP/s
  private static final double SLOW_FLOPS = 4e9;
  private static final BLAS BLAS = choose();

  private Blas() {}

  /** Makes the choice now. */
  public static void load() {}

  /** Names the implementation of BLAS, for reports: {@code JNIBLAS}, {@code VectorBLAS}, ... */
  public static String name() {
    return BLAS.getClass().getSimpleName();
  }

  /**
   * Tells its kernels from others, which sum in another order: {@link #name} and a hash of a
   * product's bits. OpenBLAS has some for each kind of processor.
   */
  public static String kernels() {
    float[] a = new float[PROBE * PROBE];
    for (int i = 0; i < a.length; i++) a[i] = (i * 0x9E3779B1) * 0x1p-31f; // a multiplicative hash
    float[] c = new float[PROBE * PROBE];
    BLAS.sgemm("N", "T", PROBE, PROBE, PROBE, 1f, a, PROBE, a, PROBE, 0f, c, PROBE);
    return "%s %08x".formatted(name(), Arrays.hashCode(c));
  }

  private static BLAS choose() {
    NETLIB.setLevel(java.util.logging.Level.OFF);
    String refused = null;
    try {
      useOwnOpenBlas();
    } catch (LinkageError | RuntimeException e) {
      refused = e.toString();
    }
    BLAS blas = dev.ludovic.netlib.blas.BLAS.getInstance();
    double flops = measure(blas);
    if (blas instanceof JavaBLAS || flops >= SLOW_FLOPS && refused == null) {
      if (refused != null || blas instanceof JavaBLAS) {
        LOG.info(
            "BLAS: {} (OpenBLAS could not be loaded: {})",
            blas.getClass().getSimpleName(),
            refused != null
                ? refused
                : "netlib refused "
                    + System.getProperty(LIBRARY_PATH)
                    + "; it also needs net.sourceforge.f2j on the class path");
      }
      return blas;
    }
    BLAS java = JavaBLAS.getInstance();
    double javaFlops = measure(java);
    BLAS chosen = javaFlops > flops ? java : blas;
    LOG.info(
        "BLAS: {}: the native one reaches {} GFLOP/s, the Java one {}{}. To use a fast one of the"
            + " system's set -D{}=FILE",
        chosen.getClass().getSimpleName(),
        Math.round(flops / 1e9),
        Math.round(javaFlops / 1e9),
        refused == null ? "" : " (own OpenBLAS: " + refused + ")",
        LIBRARY_PATH);
    return chosen;
  }

  private static void useOwnOpenBlas() {
    if (System.getProperty(LIBRARY_PATH) != null) return; // the user's choice
    File natives = new File(Loader.load(openblas_nolapack.class)).getParentFile();
    openblas_nolapack.blas_set_num_threads(1);
    File[] libraries =
        natives.listFiles(
            (dir, name) -> name.matches("libopenblas(_nolapack)?\\.(so\\.0|0\\.dylib)"));
    if (libraries == null || libraries.length == 0)
      throw new IllegalStateException("no libopenblas in " + natives);
    System.setProperty(LIBRARY_PATH, libraries[0].getPath());
  }

  /* The best of a few: the first calls run cold. */
  private static double measure(BLAS blas) {
    float[] a = new float[PROBE * PROBE];
    float[] c = new float[PROBE * PROBE];
    double flops = 2.0 * PROBE * PROBE * PROBE;
    double best = 0;
    for (int i = 0; i < 5 && best < SLOW_FLOPS; i++) {
      long start = System.nanoTime();
      blas.sgemm("N", "N", PROBE, PROBE, PROBE, 1f, a, PROBE, a, PROBE, 0f, c, PROBE);
      best = Math.max(best, flops / (System.nanoTime() - start) * 1e9);
    }
    return best;
  }

  /**
   * A matrix as it lies in an array.
   *
   * @param offset where element (0, 0) is
   * @param stride between rows, or between columns if {@code transposed}; the other step is 1
   */
  public record Matrix<A>(A array, int offset, int stride, boolean transposed) {}

  /* BLAS counts by columns: row-major C = A·B is column-major Cᵀ = Bᵀ·Aᵀ, so the operands swap places. */

  /** c[m, n] = a[m, k] · b[k, n]; c is row-major and contiguous from {@code at}. */
  public static void gemm(
      int m, int n, int k, Matrix<float[]> a, Matrix<float[]> b, float[] c, int at) {
    BLAS.sgemm(
        flag(b),
        flag(a),
        n,
        m,
        k,
        1f,
        b.array(),
        b.offset(),
        b.stride(),
        a.array(),
        a.offset(),
        a.stride(),
        0f,
        c,
        at,
        Math.max(1, n));
  }

  /** As the float form, in double. */
  public static void gemmDouble(
      int m, int n, int k, Matrix<double[]> a, Matrix<double[]> b, double[] c, int at) {
    BLAS.dgemm(
        flag(b),
        flag(a),
        n,
        m,
        k,
        1.0,
        b.array(),
        b.offset(),
        b.stride(),
        a.array(),
        a.offset(),
        a.stride(),
        0.0,
        c,
        at,
        Math.max(1, n));
  }

  private static String flag(Matrix<?> m) {
    return m.transposed() ? "T" : "N";
  }
}
