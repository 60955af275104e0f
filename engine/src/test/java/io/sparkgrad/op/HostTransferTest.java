package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.EmulatedDriver;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes to the host while an op runs on a GPU; a card does not count it. */
@Tag("tools")
@ExtendWith(EmulatedGpu.class)
class HostTransferTest {
  /* All but the one whose work it is to bring numbers to another device. */
  static Stream<Op> ops() {
    return Ops.ALL.stream().filter(op -> !op.unit().equals("move"));
  }

  /* One number may: a count that decides a shape, an index that is checked. */
  @ParameterizedTest
  @MethodSource("ops")
  void noOpComputesOnTheCpuUnsaid(Op op) {
    try (TensorScope scope = TensorScope.open()) {
      for (SampleInput s : op.samples(new MakeTensor(18))) {
        Tensor[] in = CudaOpTest.onGpu(s.inputs());
        EmulatedDriver.reset();
        CudaOpTest.Results.of(s, in);
        assertTrue(
            EmulatedDriver.largestDownload() <= Long.BYTES,
            () -> s.op().name() + " copied " + EmulatedDriver.largestDownload() + " bytes");
      }
    }
  }
}
