package io.sparkgrad.backend.cuda;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/** A piece of a segment that the driver gave; neighbours of one segment are linked. */
final class Block {
  final CachingAllocator.Pool pool;
  final long address;
  long size;
  Block before;
  Block after;
  /* While in use: what for, the stream that used it last, and the watch over its holder. */
  String purpose;
  CudaStream user;
  Watch watch;

  Block(CachingAllocator.Pool pool, long address, long size) {
    this.pool = pool;
    this.address = address;
    this.size = size;
    user = pool.stream;
  }

  boolean isFree() {
    return watch == null;
  }

  /** Tells when the collector has found the memory's holder unreachable. */
  static final class Watch extends PhantomReference<DeviceMemory> {
    final Block block;

    Watch(DeviceMemory memory, Block block, ReferenceQueue<DeviceMemory> queue) {
      super(memory, queue);
      this.block = block;
    }
  }

  /** Makes the stream see all work on this block so far. */
  void useOn(CudaStream stream) {
    if (user == stream) return;
    synchronized (this) {
      if (user == stream) return;
      stream.waitFor(user);
      user = stream;
    }
  }

  /** Back to the pool: its stream orders the next use after all work on this one. */
  void release() {
    pool.allocator().free(this);
  }
}
