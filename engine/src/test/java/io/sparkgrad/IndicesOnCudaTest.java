package io.sparkgrad;

import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Indices on a GPU: what the CPU's loops look at before, the kernels report. */
@Tag("tools")
@Tag("gpu")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class IndicesOnCudaTest extends IndicesTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
