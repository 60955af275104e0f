package io.sparkgrad.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * A word of host memory that kernels write where they meet an index out of bounds, read whenever
 * the host waits for the device: so that an index is checked without a wait of its own.
 */
final class Faults {
  /* The upper byte says who, the rest holds the index; see fault.cuh. */
  private static final int INDEX_BITS = 56;

  private final List<String> names = new ArrayList<>(List.of(""));
  private final ByteBuffer word;
  private final long address;

  Faults(CudaDevice device) {
    Pointer host = new Pointer();
    Driver.check(
        JCudaDriver.cuMemHostAlloc(host, 8, JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP),
        device,
        "pinning host memory");
    word = host.getByteBuffer(0, 8).order(ByteOrder.nativeOrder());
    word.putLong(0, 0);
    Driver.Address mapped = new Driver.Address();
    Driver.check(
        JCudaDriver.cuMemHostGetDevicePointer((CUdeviceptr) mapped, host, 0),
        device,
        "mapping host memory");
    address = mapped.value();
  }

  long address() {
    return address;
  }

  synchronized int code(String name) {
    int code = names.indexOf(name);
    if (code > 0) return code;
    names.add(name);
    return names.size() - 1;
  }

  synchronized void check(CudaDevice device) {
    long fault = word.getLong(0);
    if (fault == 0) return;
    word.putLong(0, 0);
    long index = fault << 64 - INDEX_BITS >> 64 - INDEX_BITS;
    throw new IndexOutOfBoundsException(
        "%s: index %s is out of bounds, found on %s by a call before this one; results since then are not valid"
            .formatted(names.get((int) (fault >>> INDEX_BITS)), index, device));
  }
}
