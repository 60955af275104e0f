package io.sparkgrad;

import io.sparkgrad.backend.Memory;
import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.DeviceMemory;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The numbers behind a tensor and all its views: one Java array, or memory of a GPU, and the
 * counter of in-place writes that guards what backward has saved. Not thread-safe for writers.
 */
public final class Storage implements Memory {
  private static final Scalar ZERO = Scalar.of(0);

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

  /** Over an array of the dtype's Java type. */
  static Storage over(DType dtype, Object array) {
    return new Storage(dtype, Device.CPU, dtype.elements().type().cast(array));
  }

  /** New zeros. */
  static Storage allocate(DType dtype, int n) {
    return new Storage(dtype, Device.CPU, dtype.elements().allocate(n));
  }

  /** New numbers on a device, undefined. */
  static Storage empty(Device device, DType dtype, int n) {
    if (device.isCuda()) {
      long bytes = (long) n * dtype.bytes();
      return new Storage(dtype, device, CudaDevice.of(device.ordinal()).allocate(bytes));
    }
    Object reused = ArrayPool.take(dtype.elements().type(), n);
    Storage s = reused == null ? allocate(dtype, n) : over(dtype, reused);
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
    Object reused = ArrayPool.take(dtype.elements().type(), n);
    if (reused == null) return allocate(dtype, n).ours();
    Storage s = over(dtype, reused);
    s.fill(ZERO);
    return s.ours();
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
    return unversioned(0);
  }

  /** As {@link #unversioned()}; the counter begins with the given one. */
  Storage unversioned(int version) {
    isOurs = false;
    Storage same = new Storage(dtype, device, numbers);
    same.version = version;
    return same;
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

  /** The memory that a scope frees. */
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
          "these numbers lie on %s; copy them with .to(Device.CPU) first".formatted(device));
    }
    if (numbers == null) throw new IllegalStateException(MemoryScope.freed("the CPU"));
    return (A) numbers;
  }

  /* The array is the caller's as well from now on, and so never used for another tensor. */
  private <A> A handOut() {
    isOurs = false;
    return array();
  }

  /** The array itself, without a copy, of the dtype's Java type. */
  public Serializable numbers() {
    return handOut();
  }

  /** As {@link #numbers}, of float32; as the other types'. */
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
    return device.isCuda() ? onHost(i, 1).getDouble(0) : dtype.elements().getDouble(array(), i);
  }

  /** As {@link #getDouble}, exact for every integer; fractions are cut. */
  public long getLong(int i) {
    return device.isCuda() ? onHost(i, 1).getLong(0) : dtype.elements().getLong(array(), i);
  }

  public void set(int i, double v) {
    dtype.elements().set(array(), i, v);
  }

  public void set(int i, long v) {
    dtype.elements().set(array(), i, v);
  }

  /** Sets all numbers, uncounted: for new storage. */
  void fill(Scalar v) {
    if (length() == 0) return;
    if (v.isWhole()) set(0, v.toLong());
    else set(0, v.toDouble());
    dtype.elements().spread(array(), 0, length());
  }

  /** Sets the numbers from {@code at} to before {@code end} to one of another storage. */
  public void fill(int at, int end, Storage from, int i) {
    if (from.dtype.isFloatingPoint()) set(at, from.getDouble(i));
    else set(at, from.getLong(i));
    dtype.elements().spread(array(), at, end);
  }

  /** {@code to[first..first+n)} = the numbers from {@code at} on, {@code step} apart. */
  public void load(int at, int step, int n, double[] to, int first) {
    dtype.elements().load(array(), at, step, n, to, first);
  }

  public void load(int at, int step, int n, float[] to, int first) {
    if (step == 0) Arrays.fill(to, first, first + n, dtype.elements().getFloat(array(), at));
    else dtype.elements().load(array(), at, step, n, to, first);
  }

  public void load(int at, int step, int n, long[] to, int first) {
    dtype.elements().load(array(), at, step, n, to, first);
  }

  /** The reverse of {@link #load(int, int, int, double[], int)}. */
  public void store(double[] from, int first, int at, int step, int n) {
    dtype.elements().store(from, first, array(), at, step, n);
  }

  public void store(float[] from, int first, int at, int step, int n) {
    dtype.elements().store(from, first, array(), at, step, n);
  }

  public void store(long[] from, int first, int at, int step, int n) {
    dtype.elements().store(from, first, array(), at, step, n);
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
                  to.read(
                      pinned.order(ByteOrder.nativeOrder()),
                      toAt + (int) (first / size),
                      (int) (bytes / size)));
    } else {
      to.memory()
          .upload(
              toAt * size,
              n * size,
              (pinned, first, bytes) ->
                  from.write(
                      at + (int) (first / size),
                      (int) (bytes / size),
                      pinned.order(ByteOrder.nativeOrder())));
    }
  }

  /** Takes n numbers from a buffer, in its byte order, as they lie in a file or on a GPU. */
  public void read(ByteBuffer from, int at, int n) {
    dtype.elements().read(from, array(), at, n);
  }

  /** The reverse of {@link #read}. */
  public void write(int at, int n, ByteBuffer to) {
    dtype.elements().write(array(), at, n, to);
  }

  /** How often the numbers were changed in place. */
  public int version() {
    return version;
  }

  public void bumpVersion() {
    version++;
  }

  @Override
  public String toString() {
    return "Storage(%s, %d numbers, %s)".formatted(dtype, length(), device);
  }
}
