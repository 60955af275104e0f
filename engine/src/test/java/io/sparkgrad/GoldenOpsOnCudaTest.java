package io.sparkgrad;

import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** PyTorch's numbers from the CUDA kernels, in float64 as exactly as from the CPU's loops. */
@Tag("tools")
@Tag("gpu")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class GoldenOpsOnCudaTest extends GoldenOpsTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
