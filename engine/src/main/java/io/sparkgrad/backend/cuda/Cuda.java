package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.Use;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this JVM can compute on a GPU. It looks once, on first use; what it found holds as long
 * as the JVM. A GPU that is not there is a value, not an exception. Thread-safe.
 */
public final class Cuda {
  /** The system property that says whether GPUs are used, as {@link Use} has it. */
  public static final String PROPERTY = "sparkgrad.gpu";

  private Cuda() {}

  /**
   * The result of the search for a GPU.
   *
   * @param reason why no GPU can be used, or what is used
   * @param devices how many there are; 0 if none can be used
   */
  public record Availability(boolean present, String reason, int devices) {
    static Availability absent(String reason) {
      return new Availability(false, reason, 0);
    }
  }

  /**
   * Finds what this JVM can use; never throws, save for a {@code sparkgrad.gpu} that means nothing.
   */
  public static Availability availability() {
    if (Use.by(PROPERTY) == Use.OFF)
      return Availability.absent("switched off (" + PROPERTY + "=off)");
    return Found.AVAILABILITY;
  }

  /**
   * Whether to compute on the GPU, by the setting and by what is there. Says at INFO, once, why it
   * is the CPU under {@code auto}.
   *
   * @throws IllegalStateException if the setting requires a GPU and none can be used
   */
  public static boolean use() {
    Use setting = Use.by(PROPERTY);
    Availability found = availability();
    if (found.present() || setting == Use.OFF) return found.present();
    if (setting == Use.REQUIRE) throw new IllegalStateException(required(found.reason()));
    Said.cpu();
    return false;
  }

  private static String required(String reason) {
    return PROPERTY
        + "=require, but no GPU can be used: "
        + reason
        + ". Mend that, or set "
        + PROPERTY
        + "=auto to compute on the CPU";
  }

  /* The JVM runs an initialiser once: one look, one line of log, without a lock of ours. */

  private static final class Found {
    static final Availability AVAILABILITY = look();

    private static Availability look() {
      try {
        return Probe.run();
      } catch (Throwable e) { // LinkageError and all: no way of lacking a GPU may stop a program
        return Availability.absent("JCuda cannot be used: " + e);
      }
    }
  }

  private static final class Said {
    private static final Logger LOG = LoggerFactory.getLogger(Cuda.class);

    static {
      LOG.info("no GPU: computing on the CPU ({})", Found.AVAILABILITY.reason());
    }

    static void cpu() {}
  }
}
