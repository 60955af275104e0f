package io.sparkgrad;

import io.sparkgrad.backend.Memory;
import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.DeviceMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The numbers behind a tensor and all its views: one Java array, or memory of a GPU, and the
 * counter of in-place writes that guards what backward has saved. Not thread-safe for writers.
 */
public final class Storage implements Memory {
  private final DType dtype;
  private final Device device;
  /* A Java array, or DeviceMemory; null for an array that was freed. */
  private Object numbers;
  /* Whether an array was made here and never handed out, so that nobody but tensors can hold it. */
  private boolean isOurs;
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

  /** New numbers on a device, undefined. */
  static Storage empty(Device device, DType dtype, int n) {
    if (device.isCuda()) {
      long bytes = (long) n * dtype.bytes();
      return new Storage(dtype, device, CudaDevice.of(device.ordinal()).allocate(bytes));
    }
    Object reused = ArrayPool.take(arrayType(dtype), n);
    Storage s = reused == null ? allocate(dtype, n) : onCpu(dtype, reused);
    assert ArrayPool.garble(s.numbers);
    return s.ours();
  }

  /** New zeros on a device. */
  static Storage zeros(Device device, DType dtype, int n) {
    if (device.isCuda()) {
      Storage s = empty(device, dtype, n);
      s.memory().clear();
      return s;
    }
    Object reused = ArrayPool.take(arrayType(dtype), n);
    if (reused == null) return allocate(dtype, n).ours();
    Storage s = onCpu(dtype, reused);
    s.fill(0);
    return s.ours();
  }

  private static Class<?> arrayType(DType dtype) {
    return switch (dtype) {
      case BOOL -> boolean[].class;
      case INT32 -> int[].class;
      case INT64 -> long[].class;
      case FLOAT32 -> float[].class;
      case FLOAT64 -> double[].class;
    };
  }

  private Storage ours() {
    isOurs = true;
    MemoryScope.made(this);
    return this;
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
    isOurs = false;
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

  /** What a scope frees. */
  Memory memoryOrArray() {
    return device.isCuda() ? memory() : this;
  }

  /**
   * The array, for operations: one that keeps it, or hands it out, takes {@link #floats} or its
   * like instead.
   */
  @SuppressWarnings("unchecked")
  public <A> A array() {
    if (device.isCuda()) {
      throw new IllegalStateException(
          "these numbers lie on " + device + "; copy them with .to(Device.CPU) first");
    }
    if (numbers == null) throw new IllegalStateException(MemoryScope.freed("the CPU"));
    return (A) numbers;
  }

  /* The array is the caller's as well from now on, and so never used for another tensor. */
  private <A> A handOut() {
    isOurs = false;
    return array();
  }

  /** The array itself, without a copy; as the other types'. */
  public float[] floats() {
    return handOut();
  }

  public double[] doubles() {
    return handOut();
  }

  public long[] longs() {
    return handOut();
  }

  public int[] ints() {
    return handOut();
  }

  public boolean[] booleans() {
    return handOut();
  }

  /** The count of numbers. */
  public int length() {
    if (device.isCuda()) return Math.toIntExact(memory().bytes() / dtype.bytes());
    return java.lang.reflect.Array.getLength(numbers);
  }

  /** Whether the two share their numbers. */
  public boolean sharesWith(Storage other) {
    return this == other || numbers != null && numbers == other.numbers;
  }

  /** Leaves an array alone that somebody else may hold. */
  @Override
  public void free() {
    if (device.isCuda()) {
      memory().free();
    } else if (isOurs && numbers != null) {
      Object array = numbers;
      numbers = null;
      ArrayPool.give(array);
    }
  }

  @Override
  public boolean isFreed() {
    return device.isCuda() ? memory().isFreed() : numbers == null;
  }

  public double getDouble(int i) {
    if (device.isCuda()) return onHost(i, 1).getDouble(0);
    return switch (dtype) {
      case BOOL -> this.<boolean[]>array()[i] ? 1 : 0;
      case INT32 -> this.<int[]>array()[i];
      case INT64 -> this.<long[]>array()[i];
      case FLOAT32 -> this.<float[]>array()[i];
      case FLOAT64 -> this.<double[]>array()[i];
    };
  }

  public long getLong(int i) {
    if (device.isCuda()) return onHost(i, 1).getLong(0);
    return switch (dtype) {
      case BOOL -> this.<boolean[]>array()[i] ? 1 : 0;
      case INT32 -> this.<int[]>array()[i];
      case INT64 -> this.<long[]>array()[i];
      case FLOAT32 -> (long) this.<float[]>array()[i];
      case FLOAT64 -> (long) this.<double[]>array()[i];
    };
  }

  public void set(int i, double v) {
    switch (dtype) {
      case BOOL -> this.<boolean[]>array()[i] = v != 0;
      case INT32 -> this.<int[]>array()[i] = (int) v;
      case INT64 -> this.<long[]>array()[i] = (long) v;
      case FLOAT32 -> this.<float[]>array()[i] = (float) v;
      case FLOAT64 -> this.<double[]>array()[i] = v;
    }
  }

  /** Sets all numbers, uncounted: for new storage. */
  void fill(double v) {
    switch (dtype) {
      case BOOL -> Arrays.fill(this.<boolean[]>array(), v != 0);
      case INT32 -> Arrays.fill(this.<int[]>array(), (int) v);
      case INT64 -> Arrays.fill(this.<long[]>array(), (long) v);
      case FLOAT32 -> Arrays.fill(this.<float[]>array(), (float) v);
      case FLOAT64 -> Arrays.fill(this.<double[]>array(), v);
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
        for (int i = 0; i < n; i++) this.<boolean[]>array()[at + i] = from.get() != 0;
      }
      case INT32 -> from.asIntBuffer().get(this.<int[]>array(), at, n);
      case INT64 -> from.asLongBuffer().get(this.<long[]>array(), at, n);
      case FLOAT32 -> from.asFloatBuffer().get(this.<float[]>array(), at, n);
      case FLOAT64 -> from.asDoubleBuffer().get(this.<double[]>array(), at, n);
    }
  }

  private void write(ByteBuffer bytes, int at, int n) {
    ByteBuffer to = bytes.order(ByteOrder.nativeOrder());
    switch (dtype) {
      case BOOL -> {
        for (int i = 0; i < n; i++) to.put((byte) (this.<boolean[]>array()[at + i] ? 1 : 0));
      }
      case INT32 -> to.asIntBuffer().put(this.<int[]>array(), at, n);
      case INT64 -> to.asLongBuffer().put(this.<long[]>array(), at, n);
      case FLOAT32 -> to.asFloatBuffer().put(this.<float[]>array(), at, n);
      case FLOAT64 -> to.asDoubleBuffer().put(this.<double[]>array(), at, n);
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
