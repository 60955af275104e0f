package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Use;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether oneDNN convolves in this JVM. Its numbers differ from those without it in the last bits.
 * Under {@code auto} each JVM decides for itself: where some could load it and others not, {@link
 * #kernels} tells them apart, and {@link #use} makes them alike. Thread-safe.
 */
public final class OneDnn {
  /** The system property that says whether it is used, as {@link Use} has it. */
  public static final String PROPERTY = "sparkgrad.onednn";

  private static volatile Use chosen; // null: what the property says
  private static volatile boolean loaded;

  private OneDnn() {}

  /**
   * Whether it convolves here; under {@code auto} wherever it can be loaded, which is tried once.
   *
   * @throws IllegalStateException if it is required and cannot be loaded
   */
  public static boolean isUsed() {
    Use use = chosen;
    if (use == null) use = Use.by(PROPERTY);
    if (use == Use.OFF) return false;
    if (Loaded.REFUSED == null) return true;
    if (use == Use.REQUIRE) throw new IllegalStateException(required(Loaded.REFUSED));
    return false;
  }

  /**
   * Tells its kernels from others: its version and the instructions that it compiles for. Empty
   * where nothing was convolved by it.
   */
  public static String kernels() {
    return loaded && isUsed() ? "oneDNN " + Library.kernels() : "";
  }

  /** Sets in the whole JVM what the property says else; null: the property again. */
  public static void use(Use use) {
    chosen = use;
  }

  /** Whether its classes are there, for this platform; nothing is loaded. */
  public static boolean isThere() {
    return OneDnn.class.getClassLoader().getResource(LIBRARY) != null;
  }

  private static final String LIBRARY = "org/bytedeco/dnnl/" + platform() + "/libjnidnnl.so";

  private static String platform() {
    String system = System.getProperty("os.name").equals("Linux") ? "linux" : "none";
    String chip = System.getProperty("os.arch");
    return system + "-" + (chip.equals("amd64") ? "x86_64" : chip);
  }

  private static String required(String reason) {
    return "%s=require, but oneDNN cannot be loaded: %s. Mend that, or set %s=off in all processes to convolve by BLAS"
        .formatted(PROPERTY, reason, PROPERTY);
  }

  /* The JVM runs an initialiser once: one try, one line of log, without a lock of ours. */
  private static final class Loaded {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

    /** Why it cannot be used; null: it can. */
    static final String REFUSED = load();

    private static String load() {
      if (!isThere()) return said("no library for " + platform() + " is on the class path");
      try {
        LOG.info("convolutions: oneDNN {}", Library.kernels());
        loaded = true;
        return null;
      } catch (LinkageError | RuntimeException e) { // no way of lacking it may stop a program
        return said(e.toString());
      }
    }

    private static String said(String reason) {
      LOG.info("convolutions: by BLAS (no oneDNN: {})", reason);
      return reason;
    }
  }
}
