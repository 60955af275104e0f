package io.sparkgrad;

import io.sparkgrad.backend.cuda.EmulatedGpu;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Indices on a GPU: what the CPU's loops look at before, the kernels report. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class IndicesOnCudaTest extends IndicesTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
