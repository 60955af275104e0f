package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.backend.cuda.NothingLeft;
import io.sparkgrad.op.kernel.CudaArgs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a kernel is given must be what its struct in C has. */
@Tag("tools")
@ExtendWith({EmulatedGpu.class, NothingLeft.class})
class CudaArgsTest {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* x;
            long long* places;
            int n; /* numbers */
            int size[2];
          };
          """);

  @Test
  void aLaunchWithOthersIsAnError() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.ones(3).to(Device.cuda(0));
      Tensor[] one = {x};
      Tensor[] two = {x, x};
      String text = "the kernel searchsorted takes 2 pointers and 3 ints, got ";
      assertEquals(text + "1 and 3", refused(one, 1, 2, 3));
      assertEquals(text + "2 and 2", refused(two, 1, 2));
    }
  }

  private static String refused(Tensor[] tensors, int... sizes) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> ARGS.threads("searchsorted", DType.FLOAT32, 3, tensors, sizes))
        .getMessage();
  }
}
