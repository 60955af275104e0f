package io.sparkgrad;

import io.sparkgrad.backend.cuda.Cuda;
import java.io.Serializable;

/**
 * Where a tensor's numbers lie and are computed with: {@code cpu}, or {@code cuda:0}, the first
 * GPU.
 *
 * <pre>{@code
 * Device device = Device.best();          // a GPU if there is one
 * model.to(device);
 * Tensor y = model.forward(x.to(device));
 * }</pre>
 */
public final class Device implements Serializable {
  private static final long serialVersionUID = 1;

  public static final Device CPU = new Device(-1);

  private final int ordinal;

  private Device(int ordinal) {
    this.ordinal = ordinal;
  }

  /** The GPU of the given number; nothing is asked of it before a tensor goes there. */
  public static Device cuda(int ordinal) {
    if (ordinal < 0) throw new IllegalArgumentException("cuda:%s is no device".formatted(ordinal));
    return new Device(ordinal);
  }

  /**
   * The first GPU where one can be used, else the CPU, as the property {@code sparkgrad.gpu} says:
   * off, auto (the default) or require.
   *
   * @throws IllegalStateException if a GPU is required and none can be used, with the reason
   */
  public static Device best() {
    return Cuda.use() ? cuda(0) : CPU;
  }

  /** Whether a GPU can be used; if not, {@link #whyNoCuda} says why. */
  public static boolean cudaIsAvailable() {
    return Cuda.availability().present();
  }

  /** Says in a sentence which GPU was found, or why none. */
  public static String whyNoCuda() {
    return Cuda.availability().reason();
  }

  public boolean isCuda() {
    return ordinal >= 0;
  }

  /** The number of the GPU; -1 for the CPU. */
  public int ordinal() {
    return ordinal;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Device d && d.ordinal == ordinal;
  }

  @Override
  public int hashCode() {
    return ordinal;
  }

  @Override
  public String toString() {
    return isCuda() ? "cuda:" + ordinal : "cpu";
  }
}
