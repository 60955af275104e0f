package io.sparkgrad.nn.vision;

import io.sparkgrad.Device;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same on a GPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class GoldenResNetOnCudaTest extends GoldenResNetTest {
  @Override
  Device device() {
    return Device.cuda(0);
  }
}
