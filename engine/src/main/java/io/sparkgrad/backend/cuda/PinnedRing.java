package io.sparkgrad.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that the device copies from and to by itself, in a few slots: while one is being
 * copied the next is filled. Java arrays cannot serve, since the collector moves them. Belongs to
 * one stream; calls exclude each other.
 */
final class PinnedRing {
  private static final int SLOTS = 4;
  private static final int BYTES = 4 << 20;

  private final CudaStream stream;
  private final Slot[] slots = new Slot[SLOTS];
  private int next;

  PinnedRing(CudaStream stream) {
    this.stream = stream;
  }

  /** Moves bytes between a Java array and a slot. */
  interface Part {
    void move(ByteBuffer pinned, long from, int bytes);
  }

  private final class Slot {
    final Pointer pointer = new Pointer();
    final ByteBuffer bytes;
    final CUevent done = new CUevent();

    Slot(int size) {
      CudaDevice device = stream.device;
      Driver.check(
          JCudaDriver.cuMemHostAlloc(pointer, size, 0),
          device,
          "pinning " + size + " bytes of host memory");
      bytes = pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
      Driver.check(
          JCudaDriver.cuEventCreate(done, CUevent_flags.CU_EVENT_DISABLE_TIMING),
          device,
          "creating an event");
    }

    void await() {
      Driver.check(
          JCudaDriver.cuEventSynchronize(done), stream.device, "waiting for a copy of the device");
    }

    void record() {
      Driver.check(
          JCudaDriver.cuEventRecord(done, stream.handle), stream.device, "recording an event");
    }
  }

  /** Queues a copy to the device; the caller's array is free when this returns. */
  synchronized void upload(long address, long bytes, Part fill) {
    for (long from = 0; from < bytes; ) {
      Slot slot = next(bytes - from);
      slot.await();
      int n = (int) Math.min(bytes - from, slot.bytes.capacity());
      fill.move(slot.bytes.clear(), from, n);
      Driver.check(
          JCudaDriver.cuMemcpyHtoDAsync(
              Driver.pointer(address + from), slot.pointer, n, stream.handle),
          stream.device,
          "copying " + bytes + " bytes to the device");
      slot.record();
      from += n;
    }
  }

  /** Copies from the device, after all work that the stream holds; done when this returns. */
  synchronized void download(long address, long bytes, Part take) {
    long taken = 0;
    Slot before = null;
    for (long from = 0; from < bytes; ) {
      Slot slot = next(bytes - from);
      int n = (int) Math.min(bytes - from, slot.bytes.capacity());
      slot.await();
      Driver.check(
          JCudaDriver.cuMemcpyDtoHAsync(
              slot.pointer, Driver.pointer(address + from), n, stream.handle),
          stream.device,
          "copying " + bytes + " bytes from the device");
      slot.record();
      if (before != null) taken += take(before, taken, bytes, take);
      before = slot;
      from += n;
    }
    if (before != null) take(before, taken, bytes, take);
    stream.device.checkFaults();
  }

  private static int take(Slot slot, long from, long bytes, Part take) {
    slot.await();
    int n = (int) Math.min(bytes - from, slot.bytes.capacity());
    take.move(slot.bytes.clear(), from, n);
    return n;
  }

  /* A slot is as large as it was first needed for, up to the limit; a larger copy goes in pieces. */
  private Slot next(long bytes) {
    int i = next;
    next = (next + 1) % SLOTS;
    int size = (int) Math.min(BYTES, Math.max(4096, Long.highestOneBit(bytes * 2 - 1)));
    if (slots[i] != null && slots[i].bytes.capacity() < size) {
      slots[i].await();
      free(slots[i]);
      slots[i] = null;
    }
    if (slots[i] == null) slots[i] = new Slot(size);
    return slots[i];
  }

  private void free(Slot slot) {
    Driver.check(
        JCudaDriver.cuMemFreeHost(slot.pointer), stream.device, "freeing pinned host memory");
    JCudaDriver.cuEventDestroy(slot.done);
  }

  /** Gives the host memory back. */
  synchronized void release() {
    for (int i = 0; i < SLOTS; i++) {
      if (slots[i] == null) continue;
      slots[i].await();
      free(slots[i]);
      slots[i] = null;
    }
  }
}
