package io.sparkgrad;

import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The CUDA kernels agree with the CPU's loops, and so with PyTorch, at every point without a
 * derivative.
 */
@Tag("tools")
@Tag("gpu")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class GoldenSubgradientsOnCudaTest extends GoldenSubgradientsTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
