package io.sparkgrad.backend.cuda;

/**
 * What a test sets and reads in the emulated driver; {@link EmulatedGpu} undoes it after each test.
 */
public final class EmulatedDriver {
  /** The order of blocks, and of the threads in a block. */
  public enum Order {
    FORWARD,
    REVERSE,
    SHUFFLED
  }

  private EmulatedDriver() {}

  /** The n-th allocation of device memory from now on finds no memory; 0 for none. */
  public static native void failAllocation(int n);

  /** The n-th launch from now on fails, and with it the device; 0 for none. */
  public static native void failLaunch(int n);

  /** Every call from now on fails, on every device. */
  public static native void loseDevice();

  /** Less memory than a device has. */
  public static native void limitMemory(long bytes);

  /**
   * Defers all work until somebody waits for it, in an order drawn from the seed that keeps to
   * streams and events.
   */
  public static native void deferred(boolean on, long seed);

  public static void order(Order order, long seed) {
    setOrder(order.ordinal(), seed);
  }

  private static native void setOrder(int order, long seed);

  /** Bytes of device memory that are allocated, of all devices. */
  public static native long allocatedBytes();

  /** Allocations that they are in. */
  public static native long allocatedBlocks();

  /** Bytes of pinned host memory. */
  public static native long pinnedBytes();

  /** Launches of kernels since the last reset. */
  public static native long launches();

  /** Bytes of the largest copy from a device to the host since the last reset. */
  public static native long largestDownload();

  /** What went wrong last, in more words than CUDA's result; empty if nothing did. */
  public static native String problem();

  /**
   * Ends deferred work, all faults and the errors they left, and counts launches and downloads from
   * 0. What is allocated stays.
   */
  public static native void reset();
}
