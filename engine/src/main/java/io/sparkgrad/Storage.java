package io.sparkgrad;

import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.DeviceMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The numbers behind a tensor and all its views: one Java array, or memory of a GPU, and the
 * counter of in-place writes that guards what backward has saved. Not thread-safe for writers.
 */
public final class Storage {
  private final DType dtype;
  private final Device device;
  /* A Java array, or DeviceMemory. */
  private final Object numbers;
  private int version;

  private Storage(DType dtype, Device device, Object numbers) {
    this.dtype = dtype;
    this.device = device;
    this.numbers = numbers;
  }

  private static Storage onCpu(DType dtype, Object array) {
    return new Storage(dtype, Device.CPU, array);
  }

  static Storage of(float[] a) {
    return onCpu(DType.FLOAT32, a);
  }

  static Storage of(double[] a) {
    return onCpu(DType.FLOAT64, a);
  }

  static Storage of(long[] a) {
    return onCpu(DType.INT64, a);
  }

  static Storage of(int[] a) {
    return onCpu(DType.INT32, a);
  }

  static Storage of(boolean[] a) {
    return onCpu(DType.BOOL, a);
  }

  /** New zeros. */
  static Storage allocate(DType dtype, int n) {
    return switch (dtype) {
      case BOOL -> of(new boolean[n]);
      case INT32 -> of(new int[n]);
      case INT64 -> of(new long[n]);
      case FLOAT32 -> of(new float[n]);
      case FLOAT64 -> of(new double[n]);
    };
  }

  /** New numbers on a device, undefined on a GPU and zeros on the CPU. */
  static Storage empty(Device device, DType dtype, int n) {
    if (!device.isCuda()) return allocate(dtype, n);
    long bytes = (long) n * dtype.bytes();
    return new Storage(dtype, device, CudaDevice.of(device.ordinal()).allocate(bytes));
  }

  /** New zeros on a device. */
  static Storage zeros(Device device, DType dtype, int n) {
    Storage s = empty(device, dtype, n);
    if (device.isCuda()) s.memory().clear();
    return s;
  }

  /** New numbers on a GPU, to be copied there from the CPU beside what it is computing. */
  static Storage forUpload(Device device, DType dtype, int n) {
    long bytes = (long) n * dtype.bytes();
    return new Storage(dtype, device, CudaDevice.of(device.ordinal()).allocateForUpload(bytes));
  }

  /**
   * The same numbers under a version counter of their own: what {@code tensor.data()} hands out.
   */
  Storage unversioned() {
    return new Storage(dtype, device, numbers);
  }

  public DType dtype() {
    return dtype;
  }

  public Device device() {
    return device;
  }

  /** The memory of numbers that lie on a GPU. */
  public DeviceMemory memory() {
    return (DeviceMemory) numbers;
  }

  private Object array() {
    if (device.isCuda()) {
      throw new IllegalStateException(
          "these numbers lie on " + device + "; copy them with .to(Device.CPU) first");
    }
    return numbers;
  }

  public float[] floats() {
    return (float[]) array();
  }

  public double[] doubles() {
    return (double[]) array();
  }

  public long[] longs() {
    return (long[]) array();
  }

  public int[] ints() {
    return (int[]) array();
  }

  public boolean[] booleans() {
    return (boolean[]) array();
  }

  /** The count of numbers. */
  public int length() {
    if (device.isCuda()) return Math.toIntExact(memory().bytes() / dtype.bytes());
    return java.lang.reflect.Array.getLength(numbers);
  }

  /** Whether the two share their numbers. */
  public boolean sharesWith(Storage other) {
    return numbers == other.numbers;
  }

  public double getDouble(int i) {
    if (device.isCuda()) return onHost(i, 1).getDouble(0);
    return switch (dtype) {
      case BOOL -> booleans()[i] ? 1 : 0;
      case INT32 -> ints()[i];
      case INT64 -> longs()[i];
      case FLOAT32 -> floats()[i];
      case FLOAT64 -> doubles()[i];
    };
  }

  public long getLong(int i) {
    if (device.isCuda()) return onHost(i, 1).getLong(0);
    return switch (dtype) {
      case BOOL -> booleans()[i] ? 1 : 0;
      case INT32 -> ints()[i];
      case INT64 -> longs()[i];
      case FLOAT32 -> (long) floats()[i];
      case FLOAT64 -> (long) doubles()[i];
    };
  }

  public void set(int i, double v) {
    switch (dtype) {
      case BOOL -> booleans()[i] = v != 0;
      case INT32 -> ints()[i] = (int) v;
      case INT64 -> longs()[i] = (long) v;
      case FLOAT32 -> floats()[i] = (float) v;
      case FLOAT64 -> doubles()[i] = v;
    }
  }

  /** Sets all numbers, uncounted: for new storage. */
  void fill(double v) {
    switch (dtype) {
      case BOOL -> Arrays.fill(booleans(), v != 0);
      case INT32 -> Arrays.fill(ints(), (int) v);
      case INT64 -> Arrays.fill(longs(), (long) v);
      case FLOAT32 -> Arrays.fill(floats(), (float) v);
      case FLOAT64 -> Arrays.fill(doubles(), v);
    }
  }

  private Storage onHost(int at, int n) {
    Storage copy = allocate(dtype, n);
    transfer(this, at, copy, 0, n);
    return copy;
  }

  /** Copies n numbers of one dtype between devices; from a GPU after all work on them. */
  public static void transfer(Storage from, int at, Storage to, int toAt, int n) {
    long size = from.dtype.bytes();
    if (from.device.isCuda() && to.device.isCuda()) {
      transfer(from.onHost(at, n), 0, to, toAt, n);
    } else if (from.device.isCuda()) {
      from.memory()
          .download(
              at * size,
              n * size,
              (pinned, first, bytes) ->
                  to.read(pinned, toAt + (int) (first / size), (int) (bytes / size)));
    } else {
      to.memory()
          .upload(
              toAt * size,
              n * size,
              (pinned, first, bytes) ->
                  from.write(pinned, at + (int) (first / size), (int) (bytes / size)));
    }
  }

  private void read(ByteBuffer bytes, int at, int n) {
    ByteBuffer from = bytes.order(ByteOrder.nativeOrder());
    switch (dtype) {
      case BOOL -> {
        for (int i = 0; i < n; i++) booleans()[at + i] = from.get() != 0;
      }
      case INT32 -> from.asIntBuffer().get(ints(), at, n);
      case INT64 -> from.asLongBuffer().get(longs(), at, n);
      case FLOAT32 -> from.asFloatBuffer().get(floats(), at, n);
      case FLOAT64 -> from.asDoubleBuffer().get(doubles(), at, n);
    }
  }

  private void write(ByteBuffer bytes, int at, int n) {
    ByteBuffer to = bytes.order(ByteOrder.nativeOrder());
    switch (dtype) {
      case BOOL -> {
        for (int i = 0; i < n; i++) to.put((byte) (booleans()[at + i] ? 1 : 0));
      }
      case INT32 -> to.asIntBuffer().put(ints(), at, n);
      case INT64 -> to.asLongBuffer().put(longs(), at, n);
      case FLOAT32 -> to.asFloatBuffer().put(floats(), at, n);
      case FLOAT64 -> to.asDoubleBuffer().put(doubles(), at, n);
    }
  }

  /** How often the numbers were changed in place. */
  public int version() {
    return version;
  }

  public void bumpVersion() {
    version++;
  }
}
