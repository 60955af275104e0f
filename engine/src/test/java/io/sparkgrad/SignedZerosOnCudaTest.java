package io.sparkgrad;

import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** The CUDA kernels give the signs of the CPU's loops. */
@Tag("tools")
@Tag("gpu")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class SignedZerosOnCudaTest extends SignedZerosTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
