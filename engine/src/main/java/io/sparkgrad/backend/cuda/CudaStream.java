package io.sparkgrad.backend.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A queue of work on a device: what is put in runs in that order. Each thread has one for kernels
 * and one for copies to the device; see {@link CudaDevice#stream()}.
 */
final class CudaStream {
  final CudaDevice device;
  final CUstream handle = new CUstream();
  final PinnedRing staging;
  private final CUevent event = new CUevent();

  CudaStream(CudaDevice device) {
    this.device = device;
    staging = new PinnedRing(this);
    Driver.check(
        JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING),
        device,
        "creating a stream");
    Driver.check(
        JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING),
        device,
        "creating an event");
  }

  /** Work put in from now on waits for what the other stream holds now. */
  void waitFor(CudaStream other) {
    /* Recording an event anew does not disturb the waits on its earlier recording. */
    device.enter();
    synchronized (other.event) {
      Driver.check(
          JCudaDriver.cuEventRecord(other.event, other.handle), device, "recording an event");
      Driver.check(
          JCudaDriver.cuStreamWaitEvent(handle, other.event, 0), device, "waiting for an event");
    }
  }

  /** Blocks until all work put in so far is done. */
  void synchronize() {
    Driver.check(JCudaDriver.cuStreamSynchronize(handle), device, "waiting for the device");
    device.checkFaults();
  }
}
