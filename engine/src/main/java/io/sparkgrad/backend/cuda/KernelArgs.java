package io.sparkgrad.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/**
 * The one struct that a kernel takes, packed by the rules of C: each value at a multiple of its
 * size. One a thread and device, written anew for each launch.
 */
public final class KernelArgs {
  /* The driver's limit. */
  private static final int LIMIT = 4096;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(LIMIT).order(ByteOrder.nativeOrder());
  final Pointer parameters = Pointer.to(Pointer.to(bytes));
  private final CudaStream stream;

  KernelArgs(CudaStream stream) {
    this.stream = stream;
  }

  KernelArgs reset() {
    bytes.clear();
    return this;
  }

  private void align(int size) {
    int past = bytes.position() % size;
    if (past != 0) bytes.position(bytes.position() + size - past);
  }

  public KernelArgs i32(int v) {
    align(4);
    bytes.putInt(v);
    return this;
  }

  public KernelArgs f32(float v) {
    align(4);
    bytes.putFloat(v);
    return this;
  }

  public KernelArgs i64(long v) {
    align(8);
    bytes.putLong(v);
    return this;
  }

  public KernelArgs f64(double v) {
    align(8);
    bytes.putDouble(v);
    return this;
  }

  /** A pointer to the given byte of the memory; 0 for null. */
  public KernelArgs pointer(DeviceMemory memory, long at) {
    return i64(memory == null ? 0 : memory.address(stream) + at);
  }

  /** An array of ints of a fixed length, the rest zeros. */
  public KernelArgs i32s(int length, int... v) {
    for (int i = 0; i < length; i++) i32(i < v.length ? v[i] : 0);
    return this;
  }

  /** An array of doubles of a fixed length, the rest zeros. */
  public KernelArgs f64s(int length, double... v) {
    for (int i = 0; i < length; i++) f64(i < v.length ? v[i] : 0);
    return this;
  }

  /** Where kernels of the given name report a fault; see {@code fault.cuh}. */
  public KernelArgs faults(String name) {
    return i64(stream.device.faults.address()).i64(stream.device.faults.code(name));
  }

  CudaStream stream() {
    return stream;
  }
}
