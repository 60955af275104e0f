package io.sparkgrad.backend.cuda;

import io.sparkgrad.backend.Memory;
import io.sparkgrad.backend.MemoryScope;
import java.nio.ByteBuffer;

/**
 * A run of bytes on a device. Freed when the {@link MemoryScope} it was made in closes, or else
 * when the garbage collector finds that nobody holds it. Kernels of one thread see each other's
 * writes; where another thread goes on with the memory, its stream waits for the first one's.
 * Thread-safe for readers.
 */
public final class DeviceMemory implements Memory {
  private final Block block;
  private final long bytes;
  private volatile boolean freed;

  DeviceMemory(Block block, long bytes) {
    this.block = block;
    this.bytes = bytes;
  }

  public long bytes() {
    return bytes;
  }

  public CudaDevice device() {
    return block.pool.stream.device;
  }

  /** The address, for work put into the given stream. */
  long address(CudaStream stream) {
    if (freed) {
      throw new IllegalStateException(MemoryScope.freed(device().toString()));
    }
    block.useOn(stream);
    return block.address;
  }

  /** Moves bytes between a Java array and pinned host memory. */
  public interface Transfer {
    void move(ByteBuffer pinned, long from, int bytes);
  }

  /** Queues a copy of bytes from the host to {@code at}; the source is free when this returns. */
  public void upload(long at, long n, Transfer fill) {
    check(at, n);
    if (n == 0) return;
    CudaStream stream = block.user;
    device().enter();
    stream.staging.upload(address(stream) + at, n, fill::move);
  }

  /** Copies bytes from {@code at} to the host, after all work on them. */
  public void download(long at, long n, Transfer take) {
    check(at, n);
    if (n == 0) return;
    CudaStream stream = device().stream();
    stream.staging.download(address(stream) + at, n, take::move);
  }

  /** Sets all bytes to zero. */
  public void clear() {
    if (bytes == 0) return;
    CudaStream stream = device().stream();
    Driver.check(
        jcuda.driver.JCudaDriver.cuMemsetD8Async(
            Driver.pointer(address(stream)), (byte) 0, bytes, stream.handle),
        device(),
        "clearing " + bytes + " bytes");
  }

  /** Queues a copy of bytes from other memory of the same device. */
  public void copyFrom(DeviceMemory source, long from, long to, long n) {
    source.check(from, n);
    check(to, n);
    if (n == 0) return;
    CudaStream stream = device().stream();
    Driver.check(
        jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync(
            Driver.pointer(address(stream) + to),
            Driver.pointer(source.address(stream) + from),
            n,
            stream.handle),
        device(),
        "copying " + n + " bytes");
  }

  private void check(long at, long n) {
    if (at < 0 || n < 0 || at + n > bytes) {
      throw new IndexOutOfBoundsException("%s bytes at %s of %s".formatted(n, at, bytes));
    }
  }

  @Override
  public boolean isFreed() {
    return freed;
  }

  @Override
  public void free() {
    if (freed) return;
    freed = true;
    block.release();
  }
}
