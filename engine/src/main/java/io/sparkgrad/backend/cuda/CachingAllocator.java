package io.sparkgrad.backend.cuda;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Keeps freed device memory for the next allocation, since the driver's own calls wait for the
 * device. As PyTorch's: a pool a stream, so that reuse is ordered by the stream alone; small
 * requests share segments of 2 MiB, larger ones are cut from segments of at least 20 MiB; the
 * smallest block that fits is taken, split and joined again. Thread-safe.
 */
final class CachingAllocator {
  private static final long ALIGNMENT = 512;
  private static final long SMALL = 1 << 20;
  private static final long SMALL_SEGMENT = 2 << 20;
  private static final long LARGE_SEGMENT = 20 << 20;
  private static final long GRANULE = 2 << 20; // larger segments are multiples of it

  private final CudaDevice device;
  private final Map<CudaStream, Pool> pools = new HashMap<>();
  private final Set<Block> used = new LinkedHashSet<>();
  private final ReferenceQueue<DeviceMemory> unreachable = new ReferenceQueue<>();
  private long reserved;
  private long usedBytes;

  CachingAllocator(CudaDevice device) {
    this.device = device;
  }

  /** The free blocks of one stream. */
  final class Pool {
    final CudaStream stream;
    private final TreeSet<Block> small = new TreeSet<>(BEST_FIT);
    private final TreeSet<Block> large = new TreeSet<>(BEST_FIT);

    Pool(CudaStream stream) {
      this.stream = stream;
    }

    CachingAllocator allocator() {
      return CachingAllocator.this;
    }

    private TreeSet<Block> sized(long segment) {
      return segment == SMALL_SEGMENT ? small : large;
    }
  }

  private static final Comparator<Block> BEST_FIT =
      Comparator.<Block>comparingLong(b -> b.size).thenComparingLong(b -> b.address);

  /**
   * Memory for work that starts on the given stream.
   *
   * @throws CudaOutOfMemoryException if the device has no room left, with a table of what holds it
   */
  DeviceMemory allocate(long bytes, CudaStream stream, String purpose) {
    reclaim();
    long size = Math.max(1, (bytes + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
    Block block = find(size, stream);
    if (block == null) {
      releaseCached();
      block = find(size, stream);
    }
    if (block == null) {
      collectGarbage();
      releaseCached();
      block = find(size, stream);
    }
    if (block == null) throw outOfMemory(bytes);
    return hand(block, bytes, purpose);
  }

  private synchronized DeviceMemory hand(Block block, long bytes, String purpose) {
    DeviceMemory memory = new DeviceMemory(block, bytes);
    block.watch = new Block.Watch(memory, block, unreachable);
    block.purpose = purpose;
    block.user = block.pool.stream;
    used.add(block);
    usedBytes += block.size;
    return memory;
  }

  /* A free block of at least the size, cut to it; from the driver if the pool has none; null if it refuses. */
  private synchronized Block find(long size, CudaStream stream) {
    Pool pool = pools.computeIfAbsent(stream, Pool::new);
    long segment = segmentSize(size);
    TreeSet<Block> free = pool.sized(segment == SMALL_SEGMENT ? SMALL_SEGMENT : LARGE_SEGMENT);
    Block block = free.ceiling(new Block(pool, 0, size));
    if (block != null) free.remove(block);
    else block = fromDriver(pool, segment);
    if (block != null) split(block, size, free);
    return block;
  }

  private static long segmentSize(long size) {
    if (size <= SMALL) return SMALL_SEGMENT;
    if (size <= LARGE_SEGMENT / 2) return LARGE_SEGMENT;
    return (size + GRANULE - 1) / GRANULE * GRANULE;
  }

  private Block fromDriver(Pool pool, long bytes) {
    device.enter();
    Driver.Address address = new Driver.Address();
    int result = JCudaDriver.cuMemAlloc(address, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) return null;
    Driver.check(result, device, "allocating " + bytes + " bytes");
    reserved += bytes;
    return new Block(pool, address.value(), bytes);
  }

  private static void split(Block block, long size, TreeSet<Block> free) {
    long rest = block.size - size;
    if (rest < (block.size <= SMALL_SEGMENT ? ALIGNMENT : SMALL)) return;
    Block tail = new Block(block.pool, block.address + size, rest);
    tail.before = block;
    tail.after = block.after;
    if (block.after != null) block.after.before = tail;
    block.after = tail;
    block.size = size;
    free.add(tail);
  }

  synchronized void free(Block block) {
    if (block.isFree()) return;
    block.watch.clear();
    block.watch = null;
    if (!device.isLost()) block.useOn(block.pool.stream);
    used.remove(block);
    usedBytes -= block.size;
    TreeSet<Block> free = block.pool.sized(segmentOf(block));
    join(block, block.after, free);
    Block before = block.before;
    if (before != null && before.isFree()) {
      free.remove(before);
      absorb(before, block);
      block = before;
    }
    free.add(block);
  }

  private static void join(Block block, Block after, TreeSet<Block> free) {
    if (after == null || !after.isFree()) return;
    free.remove(after);
    absorb(block, after);
  }

  private static void absorb(Block block, Block after) {
    block.size += after.size;
    block.after = after.after;
    if (after.after != null) after.after.before = block;
  }

  private static long segmentOf(Block block) {
    long size = block.size;
    for (Block b = block.before; b != null; b = b.before) size += b.size;
    for (Block b = block.after; b != null; b = b.after) size += b.size;
    return size == SMALL_SEGMENT ? SMALL_SEGMENT : LARGE_SEGMENT;
  }

  /** Takes back what the collector has found unreachable. */
  void reclaim() {
    for (Reference<?> r; (r = unreachable.poll()) != null; ) free(((Block.Watch) r).block);
  }

  /* Tensors are small in Java's eyes, so the collector may not have run for long. */
  private void collectGarbage() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      try {
        Reference<?> r = unreachable.remove(50);
        if (r != null) free(((Block.Watch) r).block);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      reclaim();
    }
  }

  /** Gives segments of which no block is in use back to the driver. */
  synchronized void releaseCached() {
    for (Pool pool : pools.values()) {
      release(pool.small);
      release(pool.large);
    }
  }

  private void release(TreeSet<Block> free) {
    List<Block> whole = new ArrayList<>();
    for (Block b : free) if (b.before == null && b.after == null) whole.add(b);
    for (Block b : whole) {
      free.remove(b);
      device.enter();
      Driver.check(
          JCudaDriver.cuMemFree(Driver.pointer(b.address)), device, "freeing " + b.size + " bytes");
      reserved -= b.size;
    }
  }

  /** Bytes in use by tensors. */
  synchronized long usedBytes() {
    return usedBytes;
  }

  /** Bytes taken from the driver. */
  synchronized long reservedBytes() {
    return reserved;
  }

  private synchronized CudaOutOfMemoryException outOfMemory(long bytes) {
    long[] free = new long[1];
    long[] total = new long[1];
    Driver.check(JCudaDriver.cuMemGetInfo(free, total), device, "asking for free memory");
    Map<String, long[]> holders = new HashMap<>();
    for (Block b : used) {
      long[] sum = holders.computeIfAbsent(b.purpose, p -> new long[2]);
      sum[0]++;
      sum[1] += b.size;
    }
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s is out of memory: %,d bytes asked for, %,d free of %,d; this process holds %,d"
                    + " in tensors and %,d in free pieces too small. Use a smaller batch, or close"
                    + " a TensorScope around each step. In use:",
                device,
                bytes,
                free[0],
                total[0],
                usedBytes,
                reserved - usedBytes));
    holders.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, long[]> e) -> e.getValue()[1]).reversed())
        .limit(12)
        .forEach(
            e ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%n  %,15d bytes in %,6d tensors of %s",
                        e.getValue()[1],
                        e.getValue()[0],
                        e.getKey())));
    return new CudaOutOfMemoryException(text.toString());
  }
}
